import Foundation
import Frames
import PostgresClient
import Threads

/// Reads a table into a frame in the order of its key, as an extract does, and prints in one line:
/// seconds, processor seconds, rows, the columns' bytes, and the bytes that the process held at most
/// beyond what it held before.
func measureExtract(table: String, key: String, connections: Int) async throws {
  guard let url = ProcessInfo.processInfo.environment["SHOP_DATABASE_URL"] else {
    throw Failure("SHOP_DATABASE_URL is not set")
  }
  let parts = table.split(separator: ".").map(String.init)
  guard parts.count == 2 else { throw Failure("a table is called schema.name") }
  let name = QualifiedName(schema: parts[0], name: parts[1])
  let held = ProcessUse.peakBytes
  let (start, processor) = (ContinuousClock.now, ProcessUse.processorSeconds)
  let snapshot = try await SourceSnapshot.open(ConnectionString(url), readers: connections)
  let frame = try await snapshot.read("SELECT * FROM \(try name.sql)", by: .pages(of: name)) { _ in
  }
  .ordered(by: [key])
  let seconds = (ContinuousClock.now - start) / .seconds(1)
  print(
    text(seconds), text(ProcessUse.processorSeconds - processor), frame.rowCount,
    frame.columns.reduce(0) { $0 + $1.byteCount }, ProcessUse.peakBytes - held)
  await snapshot.release()
}

struct Failure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

extension Column {
  /// Bytes of the values and of the null mask.
  fileprivate var byteCount: Int {
    let bytes =
      switch values {
      case .bool: count
      case .int64, .float64: 8 * count
      case .int128, .interval: 16 * count
      case .text(_, let words): 4 * count + words.bytes.count + 8 * words.offsets.count
      }
    return bytes + (validity?.count ?? 0)
  }
}
