# Run by CPack between installing and packing: puts the configuration where Debian keeps it. No install rule does, because
# an absolute destination would make the installed tree write outside its prefix.
file(COPY ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share/wirewatch/wirewatch.toml
  DESTINATION ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/etc/wirewatch)
