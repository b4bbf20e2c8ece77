// Compiles the gazetteer's table: wirewatch_gazetteer_compiler <gazetteer.tsv> <gazetteer.bin>
//
// A program of the build. Exit status 1 and a sentence on standard error when the table is wrong or
// a file cannot be read or written.

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "common/gazetteer/gazetteer_compiler.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: wirewatch_gazetteer_compiler <gazetteer.tsv> <gazetteer.bin>\n";
    return 2;
  }
  std::ifstream table(argv[1], std::ios::binary);
  std::stringstream text;
  text << table.rdbuf();
  if (!table) {
    std::cerr << "cannot read " << argv[1] << "\n";
    return 1;
  }
  const auto bytes = wirewatch::compile_gazetteer(text.str(), argv[1]);
  if (!bytes) {
    std::cerr << bytes.error() << "\n";
    return 1;
  }
  std::ofstream out(argv[2], std::ios::binary | std::ios::trunc);
  out.write(bytes->data(), static_cast<std::streamsize>(bytes->size()));
  out.close();
  if (!out) {
    std::cerr << "cannot write " << argv[2] << "\n";
    return 1;
  }
  return 0;
}
