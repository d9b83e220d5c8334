import Frames
import PostgresClient

/// An online shop that does not exist, with people who leave it for known reasons.
///
/// `shop` is what a pipeline sees: users, products, orders with lines and deliveries, events, reviews,
/// complaints, campaigns with sends, follows; orders are dirty on purpose (see `Dirt`). `shop_truth`
/// says who left, when and why, and is for tests only. The same seed makes the same rows, and a user's
/// rows do not depend on how many users there are.
public struct DemoShop: Sendable {
  public let users: Int
  public let seed: UInt64
  /// The day after the last of the history, in Asia/Shanghai; its midnight is the as-of to use.
  public let end: CivilDate
  public let historyDays: Int

  public static let defaultEnd = CivilDate(year: 2026, month: 6, day: 1)
  public static let defaultHistoryDays = 540

  /// - Throws: `DemoError.outOfRange`.
  public init(
    users: Int, seed: UInt64, end: CivilDate = DemoShop.defaultEnd,
    historyDays: Int = DemoShop.defaultHistoryDays
  ) throws(DemoError) {
    let userRange = 1...10_000_000
    guard userRange.contains(users) else { throw .outOfRange("the number of users", userRange) }
    let dayRange = 60...1800
    guard dayRange.contains(historyDays) else {
      throw .outOfRange("the days of history", dayRange)
    }
    self.users = users
    self.seed = seed
    self.end = end
    self.historyDays = historyDays
  }

  var generator: ShopGenerator {
    ShopGenerator(calendar: HistoryCalendar(end: end, days: historyDays), seed: seed)
  }

  private static let usersPerPiece = 500

  /// Replaces schemas `shop` and `shop_truth` in one transaction: it is all there or nothing is.
  /// - Parameter progress: called on the connection's thread after each piece.
  /// - Throws: `DemoError.foreignSchema` where a schema of these names is not the demo's;
  ///   `PostgresError`.
  @discardableResult
  public func load(
    into connection: PostgresConnection,
    progress: @escaping @Sendable (LoadProgress) -> Void = { _ in }
  ) async throws -> LoadSummary {
    let generator = generator
    let users = users
    let provenance = "\(users) users, seed \(seed), \(historyDays) days up to \(end.text)."
    let pieces = (users + Self.usersPerPiece - 1) / Self.usersPerPiece
    return try await connection.transaction { database in
      for schema in [DemoSchema.shop, .truth] {
        try schema.replace(provenance: provenance, on: database)
      }
      var summary = LoadSummary()
      for table in generator.sharedTables() { try table.load(into: database, &summary) }
      let ahead = Ahead(count: pieces) { piece in
        let first = piece * Self.usersPerPiece + 1
        let last = min(users, first + Self.usersPerPiece - 1)
        return generator.tables(users: Int64(first)...Int64(last))
      }
      defer { ahead.stop() }
      for piece in 0..<pieces {
        for table in ahead.next() { try table.load(into: database, &summary) }
        let done = min(users, (piece + 1) * Self.usersPerPiece)
        progress(LoadProgress(step: .rows, done: done, total: users, rows: summary.rows))
      }
      progress(LoadProgress(step: .indexes, done: users, total: users, rows: summary.rows))
      for schema in [DemoSchema.shop, .truth] { try schema.finish(on: database) }
      return summary
    }
  }
}
