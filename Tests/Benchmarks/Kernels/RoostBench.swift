import Foundation
import Threads

/// What `make bench` and `make bench-kernels` measure below whole pipelines.
///
///     roost-bench kernels
///     roost-bench extract TABLE KEY CONNECTIONS    (of SHOP_DATABASE_URL)
///     roost-bench explain FOLDER                   (model.json, rows.f32, contributions.f32)
@main
struct RoostBench {
  static func main() async {
    // As roost does.
    LargeBlocks.letGoWhenFreed()
    do {
      try await run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      FileHandle.standardError.write(Data("roost-bench: \(error)\n".utf8))
      exit(1)
    }
  }

  private static func run(_ arguments: [String]) async throws {
    switch (arguments.first, arguments.count) {
    case ("kernels", 1):
      for table in [
        try decodingTable(), try groupingTable(), try expressionTable(), try aggregateTable(),
        try orderingTable(), try explanationTable(),
      ] {
        print(table.markdown, terminator: "\n\n")
      }
    case ("extract", 4):
      guard let connections = Int(arguments[3]), connections > 0 else { throw Usage() }
      try await measureExtract(table: arguments[1], key: arguments[2], connections: connections)
    case ("explain", 2): try compareExplanations(folder: arguments[1])
    default: throw Usage()
    }
  }

  private struct Usage: Error, CustomStringConvertible {
    let description =
      "usage: roost-bench kernels | extract TABLE KEY CONNECTIONS | explain FOLDER"
  }
}
