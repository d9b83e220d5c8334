import Frames
import PostgresClient

/// Real purchases of the 23,570 customers who first bought at the web shop CDNOW in the first quarter
/// of 1997, up to June 1998 (Fader and Hardie).
public struct CDNOW: Sendable {
  let orders: [CDNOWOrder]

  /// Each customer and the day of their first order, by customer.
  var customers: [CDNOWCustomer] {
    var first: [Int64: Int64] = [:]
    for order in orders {
      first[order.customer] = min(first[order.customer] ?? .max, order.day)
    }
    return first.map { CDNOWCustomer(id: $0.key, firstDay: $0.value) }.sorted { $0.id < $1.id }
  }

  /// Replaces schema `cdnow`, in one transaction.
  /// - Throws: `DemoError.foreignSchema` where schema `cdnow` is not the demo's; `PostgresError`.
  @discardableResult
  public func load(
    into connection: PostgresConnection,
    progress: @escaping @Sendable (LoadProgress) -> Void = { _ in }
  ) async throws -> LoadSummary {
    let customers = customers
    let tables = [
      DemoTable(in: .cdnow, CDNOWTables.orders, orders),
      DemoTable(in: .cdnow, CDNOWTables.customers, customers),
    ]
    return try await connection.transaction { database in
      try DemoSchema.cdnow.replace(
        provenance: "Public research data by Bruce Hardie and Peter Fader.", on: database)
      var summary = LoadSummary()
      for table in tables { try table.load(into: database, &summary) }
      progress(
        LoadProgress(
          step: .indexes, done: customers.count, total: customers.count, rows: summary.rows))
      try DemoSchema.cdnow.finish(on: database)
      return summary
    }
  }
}

struct CDNOWOrder: Sendable, Equatable {
  let id: Int64
  let customer: Int64
  /// Days since 2000-01-01.
  let day: Int64
  let quantity: Int64
  /// In cents.
  let amount: Int64
}

struct CDNOWCustomer: Sendable, Equatable {
  let id: Int64
  let firstDay: Int64
}

/// The tables of schema `cdnow`.
enum CDNOWTables {
  static let orders = Table<CDNOWOrder>(
    "orders", "Purchases; some rows repeat a customer and day, as in the source.",
    key: ["order_id"],
    [
      .int("order_id", .int8, "Number of the line in the source.") { $0.id },
      .int("customer_id", .int8, "Who bought.") { $0.customer },
      .int("order_date", .date, "The day.") { $0.day },
      .int("quantity", .int4, "Number of CDs.") { $0.quantity },
      .int("amount", .numeric(precision: 10, scale: 2), "What was paid in dollars.") {
        $0.amount
      },
    ])

  static let customers = Table<CDNOWCustomer>(
    "customers", "Who ever bought.", key: ["customer_id"],
    [
      .int("customer_id", .int8, "Key.") { $0.id },
      .int("first_order_date", .date, "The day of the first purchase.") { $0.firstDay },
    ])
}
