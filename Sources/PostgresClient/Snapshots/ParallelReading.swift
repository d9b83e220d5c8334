import Frames
import Synchronization

/// Reading one table over several connections: each takes ranges of pages, which Postgres scans without
/// looking at the others (a TID range scan, since Postgres 14).
extension SourceSnapshot {
  /// Below this many pages (8 KiB each) a further connection costs more than it saves.
  private static let fewestPages = 2048

  /// Reads a SELECT into a frame. The rows come in the order of one connection's, however many read.
  /// - Parameters:
  ///   - table: the table of which the SELECT wants all rows and columns; nil for any other SELECT.
  ///   - onProgress: told the rows read so far, on any thread.
  /// - Throws: `PostgresError`.
  public func read(
    _ select: String, wholeTable table: QualifiedName?,
    onProgress: @escaping @Sendable (Int) -> Void
  ) async throws -> Frame {
    let ranges = try await ranges(of: table)
    guard ranges.count > 1 else {
      return try await withReader { try await $0.copyOut(select, onProgress: onProgress) }
    }
    let progress = SharedProgress(parts: ranges.count, onProgress)
    let parts = try await withThrowingTaskGroup(of: (Int, Frame).self) { group in
      for (place, range) in ranges.enumerated() {
        group.addTask {
          let frame = try await self.withReader { reader in
            try await reader.copyOut("\(select) WHERE \(range)") { progress.set($0, part: place) }
          }
          return (place, frame)
        }
      }
      var parts = [Frame?](repeating: nil, count: ranges.count)
      for try await (place, frame) in group { parts[place] = frame }
      return parts.compactMap(\.self)
    }
    guard let whole = Frame.concatenating(parts) else {
      throw PostgresError(.statement, "the table has no pages", location: location)
    }
    return whole
  }

  /// Conditions on a table's pages that share its rows among connections; none where that does not pay
  /// or where it is no plain table of one relation.
  func ranges(of table: QualifiedName?) async throws -> [String] {
    guard let table, let name = try? table.sql, isShared, readerLimit > 1 else { return [] }
    let pages = try await withReader { reader in
      try await reader.query(
        """
        SELECT pg_relation_size(oid) / current_setting('block_size')::int8
        FROM pg_class
        WHERE oid = to_regclass($1) AND relkind IN ('r', 'm') AND NOT relhassubclass
          AND current_setting('server_version_num')::int >= 140000
        """, [.text(name)]
      ).first?.int(0) ?? 0
    }
    guard pages >= 2 * Self.fewestPages else { return [] }
    // More parts than connections, so that none waits long for the last.
    let count = min(4 * readerLimit, pages / Self.fewestPages)
    let bounds = (0...count).map { pages * $0 / count }
    return (0..<count).map { part in
      // The table may have grown since, but not in what the snapshot sees; the last part is open all
      // the same, in case the size was read before rows that the snapshot knows were written.
      part == count - 1
        ? "ctid >= '(\(bounds[part]),0)'"
        : "ctid >= '(\(bounds[part]),0)' AND ctid < '(\(bounds[part + 1]),0)'"
    }
  }
}

/// The rows that several readers have read together.
private final class SharedProgress: Sendable {
  private let parts: Mutex<[Int]>
  private let report: @Sendable (Int) -> Void

  init(parts: Int, _ report: @escaping @Sendable (Int) -> Void) {
    self.parts = Mutex(Array(repeating: 0, count: parts))
    self.report = report
  }

  func set(_ rows: Int, part: Int) {
    let sum = parts.withLock { parts in
      parts[part] = rows
      return parts.reduce(0, +)
    }
    report(sum)
  }
}
