# cmake -DFILES=LIST -DROOT=FOLDER -DOUTPUT=FILE -P hash_files.cmake
# writes to FILE, as a C++ string literal, the first eight digits of a hash over the names below
# FOLDER and the contents of the files that LIST names, one on a line.
file(STRINGS ${FILES} files)
set(hashes "")
foreach(file IN LISTS files)
  file(SHA256 ${file} hash)
  cmake_path(RELATIVE_PATH file BASE_DIRECTORY ${ROOT})
  string(APPEND hashes "${hash} ${file}\n")
endforeach()
string(SHA256 whole "${hashes}")
string(SUBSTRING ${whole} 0 8 digits)
file(WRITE ${OUTPUT} "\"${digits}\"\n")
