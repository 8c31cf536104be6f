# The pages: built by Vite from web/, packed, and taken into the program.
option(PARAVENT_WEB "Build the pages into the program (needs node and npm)" ON)
set(web ${CMAKE_CURRENT_SOURCE_DIR}/web)
set(web_out ${CMAKE_CURRENT_BINARY_DIR}/web)
file(MAKE_DIRECTORY ${web_out})
if(PARAVENT_WEB)
  find_program(NPM npm REQUIRED)
  file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS ${web}/src/* ${web}/*.html ${web}/*.ts)
  list(REMOVE_ITEM web_sources ${web}/src/api-types.ts) # made from openapi.json by the build itself
  list(FILTER web_sources EXCLUDE REGEX /node_modules/)
  add_custom_command(OUTPUT ${web_out}/installed
    DEPENDS ${web}/package.json ${web}/package-lock.json
    COMMAND ${NPM} ci --no-audit --no-fund --loglevel=error
    COMMAND ${CMAKE_COMMAND} -E touch ${web_out}/installed
    WORKING_DIRECTORY ${web} COMMENT "Installing what builds the pages" VERBATIM)
  add_custom_command(OUTPUT ${web_out}/web_files.cpp
    DEPENDS ${web_out}/installed ${web_sources} ${CMAKE_CURRENT_SOURCE_DIR}/openapi.json ${web}/embed.cmake
    COMMAND ${NPM} run --silent build -- --outDir ${web_out}/dist --logLevel warn
    COMMAND ${CMAKE_COMMAND} -DDIST=${web_out}/dist -DOUTPUT=${web_out}/web_files.cpp -P ${web}/embed.cmake
    WORKING_DIRECTORY ${web} COMMENT "Building the pages" VERBATIM)
else()
  add_custom_command(OUTPUT ${web_out}/web_files.cpp DEPENDS ${web}/embed.cmake
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${web_out}/web_files.cpp -P ${web}/embed.cmake VERBATIM)
endif()
