# Language level, warnings, portable baseline, sanitizers, ccache and the linker.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Every optimised build runs on any x86-64-v2 machine; faster kernels are chosen at run time (src/kernels).
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(SEXTANT_BASELINE -march=x86-64-v2)
endif()
add_compile_options(${SEXTANT_BASELINE})
add_compile_options(-fno-omit-frame-pointer)
add_compile_definitions($<$<CONFIG:Release>:_GLIBCXX_ASSERTIONS>)

set(SEXTANT_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False positives of g++ 12 in inlined standard library code.
  list(APPEND SEXTANT_WARNINGS -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds)
else()
  # What g++ 12's own headers use of themselves is deprecated: clang sees it in their templates. g++ wants captures that
  # only some instances of a template use. And to clang a local name shadows one of another file compiled with it.
  list(APPEND SEXTANT_WARNINGS -Wthread-safety -Wno-deprecated-declarations -Wno-unused-lambda-capture -Wno-shadow)
  # Later clangs mangle some templates otherwise than g++ 12, which compiled the libraries of the system.
  add_compile_options(-fclang-abi-compat=17)
endif()

if(SEXTANT_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(SEXTANT_SANITIZE)
  add_compile_options(-fsanitize=${SEXTANT_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SEXTANT_SANITIZE})
  if(SEXTANT_SANITIZE MATCHES "undefined")
    # AddressSanitizer finds these where they do harm; the checks take a tenth of the compilation.
    add_compile_options(-fno-sanitize=null,object-size,vptr)
  endif()
endif()
