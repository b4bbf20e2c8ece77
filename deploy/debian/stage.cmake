# Run by CPack between installing and packing: puts the configuration where Debian keeps it. No install rule does, because
# an absolute destination would make the installed tree write outside its prefix.
# Without these the package would name none of the libraries that it needs, and start nowhere.
find_program(shlibdeps dpkg-shlibdeps)
find_program(file_program file)
if(NOT shlibdeps OR NOT file_program)
  message(FATAL_ERROR "packing needs the packages dpkg-dev and file; deploy/install-packages.sh installs them")
endif()
file(COPY ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share/wirewatch/wirewatch.toml
  DESTINATION ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/etc/wirewatch)
