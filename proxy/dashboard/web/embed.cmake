# Writes web_files.cpp from what Vite built: each file packed by gzip, taken into the program as it is.
# cmake -DDIST=… -DOUTPUT=… -P embed.cmake; without DIST: a program without pages.
set(code "#include \"proxy/dashboard/web.hpp\"\n\n#include <array>\n\n")
set(table "")
set(count 0)
if(DIST)
  get_filename_component(folder ${OUTPUT} DIRECTORY)
  file(GLOB_RECURSE files RELATIVE ${DIST} ${DIST}/*)
  list(SORT files)
  foreach(file ${files})
    if(file MATCHES "\\.html$")
      set(type "text/html; charset=utf-8")
    elseif(file MATCHES "\\.js$")
      set(type "text/javascript; charset=utf-8")
    elseif(file MATCHES "\\.css$")
      set(type "text/css; charset=utf-8")
    elseif(file MATCHES "\\.svg$")
      set(type "image/svg+xml")
    else()
      message(FATAL_ERROR "${file}: of a kind that web/embed.cmake does not know")
    endif()
    set(packed ${folder}/${count}.gz)
    execute_process(COMMAND gzip -9 -n -c ${DIST}/${file} OUTPUT_FILE ${packed} COMMAND_ERROR_IS_FATAL ANY)
    file(SHA256 ${packed} hash)
    string(SUBSTRING ${hash} 0 16 hash)
    string(APPEND code
      "asm(\".pushsection .rodata\\n\"\n"
      "    \"paravent_web_${count}: .incbin \\\"${packed}\\\"\\n\"\n"
      "    \"paravent_web_${count}_end: .byte 0\\n\"\n"
      "    \".popsection\\n\");\n"
      "extern \"C\" const char paravent_web_${count}[], paravent_web_${count}_end[];\n\n")
    string(APPEND table
      "        {\"${file}\", \"${type}\", \"\\\"${hash}\\\"\",\n"
      "         {paravent_web_${count}, static_cast<std::size_t>(paravent_web_${count}_end - paravent_web_${count})}},\n")
    math(EXPR count "${count} + 1")
  endforeach()
endif()
string(APPEND code "namespace paravent::dashboard {\n\nstd::span<const WebFile> web_files() noexcept\n{\n")
if(count EQUAL 0)
  string(APPEND code "    return {};\n}\n")
else()
  string(APPEND code "    static const std::array<WebFile, ${count}> files = {{\n${table}    }};\n    return files;\n}\n")
endif()
file(WRITE ${OUTPUT} "${code}\n} // namespace paravent::dashboard\n")
