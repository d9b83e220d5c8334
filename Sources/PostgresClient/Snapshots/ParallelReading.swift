import Frames
import Synchronization

/// Reading over several connections.
extension SourceSnapshot {
  /// Reads a SELECT into a frame. By pages the rows come in the order of one connection's, by ranges
  /// in that of the ranges.
  /// - Parameters:
  ///   - condition: which rows are wanted; the SELECT must end so that WHERE can follow.
  ///   - parts: how several connections can read it; nil for one.
  ///   - stage: whose locks are to be held meanwhile.
  ///   - onProgress: told the rows read so far, on any thread.
  /// - Throws: `PostgresError`; of kind `.changed` where what was read had changed since the snapshot.
  public func read(
    _ select: String, where condition: String? = nil, by parts: SelectParts?,
    for stage: String? = nil, onProgress: @escaping @Sendable (Int) -> Void
  ) async throws -> Frame {
    let selects = try await self.selects(select, where: condition, by: parts, for: stage)
    guard selects.count > 1 else {
      let whole = condition.map { "\(select) WHERE \($0)" } ?? select
      return try await rows(whole, for: stage, onProgress: onProgress)
    }
    let progress = SharedProgress(parts: selects.count, onProgress)
    let frames = try await withThrowingTaskGroup(of: (Int, Frame).self) { group in
      for (place, select) in selects.enumerated() {
        group.addTask {
          let frame = try await self.rows(select, for: stage) { progress.set($0, part: place) }
          return (place, frame)
        }
      }
      var frames = [Frame?](repeating: nil, count: selects.count)
      for try await (place, frame) in group { frames[place] = frame }
      return frames.compactMap(\.self)
    }
    guard let whole = Frame.concatenating(consume frames) else {
      throw PostgresError(.statement, "the SELECT has no parts", location: location)
    }
    return whole
  }

  /// The rows of one SELECT over one connection.
  private func rows(
    _ select: String, for stage: String?, onProgress: @escaping @Sendable (Int) -> Void
  ) async throws -> Frame {
    let (frame, unnamed) = try await use(for: stage) { reader, locked in
      guard stage != nil else {
        return (try await reader.copyOut(select, onProgress: onProgress), UnnamedTables())
      }
      let watch = try await UnnamedTablesWatch.begin(
        select, on: reader, known: locked, watch: self.watch?.connection)
      let frame = try await reader.copyOut(select, onProgress: onProgress)
      return (frame, try await watch.end(select))
    }
    note(unnamed, of: stage)
    return frame
  }

  /// SELECTs that together have the rows of one; none where several would not pay.
  private func selects(
    _ select: String, where condition: String?, by parts: SelectParts?, for stage: String?
  ) async throws -> [String] {
    switch parts {
    case nil: return []
    case .pages(let table):
      let also = condition.map { " AND \($0)" } ?? ""
      return try await ranges(of: table, for: stage).map { "\(select) WHERE \($0)\(also)" }
    case .ranges(let column):
      let own = condition.map { " WHERE \($0)" } ?? ""
      let inner = String(StatementText.withoutTerminator(select)) + own
      return try await keyRanges(of: inner, by: column, for: stage).map {
        "SELECT * FROM (\n\(inner)\n) AS whole WHERE \($0)"
      }
    }
  }

  /// Conditions that share the rows of a SELECT evenly, if the column's values lie evenly.
  private func keyRanges(
    of select: String, by column: String, for stage: String?
  ) async throws -> [String] {
    guard isShared, readerLimit > 1 else { return [] }
    let name = try SQL.identifier(column)
    let row = try await withReader(for: stage) { reader in
      try await reader.query(
        overRows: """
          SELECT coalesce(min(\(name)), 0)::int8, coalesce(max(\(name)), 0)::int8
          FROM (
          \(select)
          ) AS whole
          """
      ).first
    }
    guard let row else { return [] }
    let (least, greatest) = (try row.int(0), try row.int(1))
    let count = min(2 * readerLimit, Int(clamping: Int128(greatest) - Int128(least)))
    guard count > 1 else { return [] }
    let bounds = (0...count).map { part in
      Int128(least) + (Int128(greatest) - Int128(least)) * Int128(part) / Int128(count)
    }
    return (0..<count).map { part in
      let from = "\(name) >= \(bounds[part])"
      let until = "\(name) < \(bounds[part + 1])"
      // A null lies in no range.
      if part == 0 { return "(\(until) OR \(name) IS NULL)" }
      return part == count - 1 ? from : "\(from) AND \(until)"
    }
  }

  /// Conditions on a table's pages that share its rows among connections; none where that does not pay
  /// or where it is no plain table of one relation.
  func ranges(of table: QualifiedName?, for stage: String? = nil) async throws -> [String] {
    guard let table, let name = try? table.sql, isShared, readerLimit > 1 else { return [] }
    let pages = try await withReader(for: stage) { reader in
      try await reader.query(
        """
        SELECT pg_relation_size(oid) / current_setting('block_size')::int8
        FROM pg_class
        WHERE oid = to_regclass($1) AND relkind IN ('r', 'm') AND NOT relhassubclass
          -- No right on a column is one on ctid.
          AND has_table_privilege(oid, 'SELECT')
          AND current_setting('server_version_num')::int >= 140000
        """, [.text(name)]
      ).first?.int(0) ?? 0
    }
    guard pages >= 2 * string.leastPages else { return [] }
    // More parts than connections, so that none waits long for the last.
    let count = min(4 * readerLimit, pages / string.leastPages)
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
