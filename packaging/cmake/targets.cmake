# How every target of the project is built. One library a folder: paravent_library(rules SOURCES … LINK …).

add_library(paravent_flags INTERFACE)
target_compile_options(paravent_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
  $<$<BOOL:${PARAVENT_WERROR}>:-Werror>)
target_compile_definitions(paravent_flags INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_DISABLE_BOOST_COROUTINE BOOST_ALL_NO_LIB)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees null references and dangling pointers in coroutines and strings where there are none (GCC bugs 105562, 105329).
  target_compile_options(paravent_flags INTERFACE -Wno-maybe-uninitialized -Wno-restrict)
endif()
if(PARAVENT_SANITIZE)
  target_compile_options(paravent_flags INTERFACE -fsanitize=${PARAVENT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined -O1)
  target_link_options(paravent_flags INTERFACE -fsanitize=${PARAVENT_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Under a sanitizer g++ 12 inlines half of a coroutine frame's new and delete; asan itself looks at the pairs.
    target_compile_options(paravent_flags INTERFACE -Wno-mismatched-new-delete)
  endif()
  if(PARAVENT_SANITIZE MATCHES "thread")
    target_compile_options(paravent_flags INTERFACE -Wno-tsan)
  endif()
endif()
if(PARAVENT_FUZZ)
  # Without it libFuzzer sees no coverage and only guesses.
  target_compile_options(paravent_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

function(paravent_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  add_library(paravent_${name} STATIC ${arg_SOURCES})
  add_library(paravent::${name} ALIAS paravent_${name})
  target_include_directories(paravent_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(paravent_${name} PUBLIC ${arg_LINK} PRIVATE paravent_flags)
  # The definitions shape Asio's types, so whoever includes our headers needs them too.
  target_compile_definitions(paravent_${name} PUBLIC $<TARGET_PROPERTY:paravent_flags,INTERFACE_COMPILE_DEFINITIONS>)
endfunction()
