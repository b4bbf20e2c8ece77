# Build functions of Wirewatch: one library per module, layering enforced, tests and fuzzers by kind.

add_library(wirewatch_flags INTERFACE)
target_compile_options(wirewatch_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast -Wundef
  -Wmissing-declarations $<$<BOOL:${WIREWATCH_WERROR}>:-Werror>
  # GCC 12 takes the lengths of joined strings for negative (its bug 105651).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
  # A bitwise "or" of conditions, without a branch, is meant.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations -Wno-missing-prototypes -Wno-bitwise-instead-of-logical>)
if(WIREWATCH_SANITIZE)  # On every target: mixing instrumented and plain code lies.
  add_compile_options(-fsanitize=${WIREWATCH_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${WIREWATCH_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC sees through less of instrumented code: it warns of std::regex and the like.
    add_compile_options(-Wno-maybe-uninitialized)
    if(WIREWATCH_SANITIZE MATCHES "thread")
      add_compile_options(-Wno-tsan)  # Asio's fences, of which the sanitizer knows nothing.
    endif()
  endif()
endif()
if(WIREWATCH_FUZZERS)  # Without counters of what was reached libFuzzer guesses blindly.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(WIREWATCH_ARCH AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  # PCLMUL is no part of x86-64-v3, but every CPU of that level has it, and simdjson wants it.
  add_compile_options(-march=${WIREWATCH_ARCH} -mpclmul)
endif()

# wirewatch_library(<module> [ADAPTER] [HDRS ...] [SRCS ...] [DEPS ...]) makes wirewatch::<module>.
# A module is core (pure) unless it says ADAPTER; a core module may use core modules and
# WIREWATCH_CORE_ALLOWED only, and configuring stops where one does not.
set(WIREWATCH_CORE_ALLOWED simdjson::simdjson ZLIB::ZLIB PkgConfig::zstd)
function(wirewatch_library module)
  cmake_parse_arguments(PARSE_ARGV 1 arg "ADAPTER" "" "HDRS;SRCS;DEPS")
  set(target wirewatch_${module})
  if(arg_SRCS)
    add_library(${target} STATIC ${arg_SRCS})
    target_link_libraries(${target} PUBLIC ${arg_DEPS} PRIVATE wirewatch_flags)
    target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${arg_DEPS})
    target_include_directories(${target} INTERFACE ${PROJECT_SOURCE_DIR})
    set(scope INTERFACE)
  endif()
  add_library(wirewatch::${module} ALIAS ${target})
  target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}
    FILES ${arg_HDRS})
  set_property(TARGET ${target} PROPERTY WIREWATCH_ADAPTER ${arg_ADAPTER})
  if(NOT arg_ADAPTER)
    foreach(dep IN LISTS arg_DEPS)
      if(dep MATCHES "^wirewatch::")
        get_target_property(outside ${dep} WIREWATCH_ADAPTER)
      elseif(dep IN_LIST WIREWATCH_CORE_ALLOWED)
        set(outside FALSE)
      else()
        set(outside TRUE)
      endif()
      if(outside)
        message(FATAL_ERROR "core module '${module}' must not depend on '${dep}'")
      endif()
    endforeach()
  endif()
endfunction()

# wirewatch_source_hash(<module> <file>) makes <file> in the build folder of a core module: a string
# literal, a hash over the sources of the module and of all modules that it uses.
function(wirewatch_source_hash module file)
  set(modules ${module})
  set(done "")
  set(sources "")
  while(modules)
    list(POP_FRONT modules name)
    if(name IN_LIST done)
      continue()
    endif()
    list(APPEND done ${name})
    set(folder ${PROJECT_SOURCE_DIR}/common/${name})
    file(GLOB found CONFIGURE_DEPENDS ${folder}/*.cc ${folder}/*.h ${folder}/*.inc)
    list(APPEND sources ${found})
    get_target_property(deps wirewatch_${name} INTERFACE_LINK_LIBRARIES)
    foreach(dep IN LISTS deps)
      if(dep MATCHES "^wirewatch::(.*)$")
        list(APPEND modules ${CMAKE_MATCH_1})
      endif()
    endforeach()
  endwhile()
  list(SORT sources)
  list(JOIN sources "\n" lines)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${file})
  file(CONFIGURE OUTPUT ${output}.sources CONTENT "${lines}\n" @ONLY)
  add_custom_command(OUTPUT ${output} COMMENT "Hashing the sources of ${module}" VERBATIM
    COMMAND ${CMAKE_COMMAND} -DFILES=${output}.sources -DROOT=${PROJECT_SOURCE_DIR}
      -DOUTPUT=${output} -P ${PROJECT_SOURCE_DIR}/cmake/hash_files.cmake
    DEPENDS ${sources} ${output}.sources ${PROJECT_SOURCE_DIR}/cmake/hash_files.cmake)
  target_sources(wirewatch_${module} PRIVATE ${output})
  target_include_directories(wirewatch_${module} PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
endfunction()

# wirewatch_data(<folder> <source> [filters of install(DIRECTORY)]): files that programs find at
# ../share/wirewatch/<folder> from where they lie, in the build tree (a link) and installed.
function(wirewatch_data folder source)
  set(link ${PROJECT_BINARY_DIR}/share/wirewatch/${folder})
  cmake_path(GET link PARENT_PATH parent)
  file(MAKE_DIRECTORY ${parent})
  file(CREATE_LINK ${source} ${link} SYMBOLIC)
  install(DIRECTORY ${source}/ DESTINATION ${CMAKE_INSTALL_DATADIR}/wirewatch/${folder} ${ARGN})
endfunction()

# wirewatch_test(<name> SRCS ... DEPS ... [LABELS ...]): a GoogleTest program whose cases are
# found by CTest. LABELS default to "unit". WIREWATCH_SOURCE_DIR names the source tree for data.
function(wirewatch_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SRCS;DEPS;LABELS")
  if(NOT arg_LABELS)
    set(arg_LABELS unit)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SRCS})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} wirewatch_flags GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE WIREWATCH_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    WIREWATCH_BINARY_DIR="${PROJECT_BINARY_DIR}")
  if(WIREWATCH_SANITIZE MATCHES "thread")
    target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/support/c11_threads.cc)
  endif()
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
endfunction()

# All of them, and nothing else.
if(WIREWATCH_FUZZERS)
  add_custom_target(fuzzers)
endif()

# wirewatch_fuzzer(<name> SRCS ... DEPS ... CORPUS <folder>): a libFuzzer program over outside
# bytes. CTest runs each briefly over its stored corpus (label "fuzz").
function(wirewatch_fuzzer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "CORPUS" "SRCS;DEPS")
  add_executable(${name} ${arg_SRCS})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} wirewatch_flags -fsanitize=fuzzer)
  set(found ${PROJECT_BINARY_DIR}/fuzz/${name})
  file(MAKE_DIRECTORY ${found})
  add_test(NAME ${name} COMMAND ${name} -max_total_time=8 -max_len=16384 -rss_limit_mb=2048
    -artifact_prefix=${found}/ ${found} ${arg_CORPUS})
  set_tests_properties(${name} PROPERTIES LABELS fuzz TIMEOUT 300)
  add_dependencies(fuzzers ${name})
endfunction()
