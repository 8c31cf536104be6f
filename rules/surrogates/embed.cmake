# Writes surrogates.cpp from the scripts beside this one, so that the program needs no file to stand in for Meta's.
# cmake -DSCRIPTS=a;b -DFOLDER=… -DOUTPUT=… -P embed.cmake
set(code "#include \"rules/surrogates.hpp\"\n\nnamespace paravent::rules {\n\n")
foreach(name ${SCRIPTS})
  file(READ ${FOLDER}/${name}.js text)
  if(text MATCHES "\\)paravent\"")
    message(FATAL_ERROR "${name}.js would end its own string")
  endif()
  string(APPEND code "std::string_view ${name}_js() noexcept\n{\n    return R\"paravent(${text})paravent\";\n}\n\n")
endforeach()
file(WRITE ${OUTPUT} "${code}} // namespace paravent::rules\n")
