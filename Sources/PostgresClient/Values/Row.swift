import CLibpq
import Frames

/// Names a column of a row: by name, or by its place from 0.
public enum RowKey: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  case name(String)
  case place(Int)

  public init(stringLiteral value: String) { self = .name(value) }
  public init(integerLiteral value: Int) { self = .place(value) }
}

/// A row of a control query. Each reader throws `PostgresError` of kind `.data` where the column is
/// not there, is null (except the `optional` ones), or is of another type; values are not quoted.
public struct Row: Sendable {
  private let places: [String: Int]
  private let texts: [String?]

  public func string(_ key: RowKey) throws(PostgresError) -> String { try value(key) { $0 } }
  public func int(_ key: RowKey) throws(PostgresError) -> Int { try value(key) { Int($0) } }
  public func double(_ key: RowKey) throws(PostgresError) -> Double { try value(key, Self.double) }
  public func bool(_ key: RowKey) throws(PostgresError) -> Bool { try value(key, Self.bool) }
  /// Reads a `timestamptz`.
  public func instant(_ key: RowKey) throws(PostgresError) -> Instant {
    try value(key) { Instant(postgresText: $0) }
  }

  public func optionalString(_ key: RowKey) throws(PostgresError) -> String? {
    try optional(key) { $0 }
  }
  public func optionalInt(_ key: RowKey) throws(PostgresError) -> Int? {
    try optional(key) { Int($0) }
  }
  public func optionalDouble(_ key: RowKey) throws(PostgresError) -> Double? {
    try optional(key, Self.double)
  }
  public func optionalBool(_ key: RowKey) throws(PostgresError) -> Bool? {
    try optional(key, Self.bool)
  }
  public func optionalInstant(_ key: RowKey) throws(PostgresError) -> Instant? {
    try optional(key) { Instant(postgresText: $0) }
  }

  private static func bool(_ text: String) -> Bool? {
    switch text {
    case "t": true
    case "f": false
    default: nil
    }
  }

  private static func double(_ text: String) -> Double? { Double(text) }

  private func value<Value>(
    _ key: RowKey, _ read: (String) -> Value?
  ) throws(PostgresError) -> Value {
    guard let value = try optional(key, read) else { throw Self.error(key, "is null") }
    return value
  }

  private func optional<Value>(
    _ key: RowKey, _ read: (String) -> Value?
  ) throws(PostgresError) -> Value? {
    let place: Int? =
      switch key {
      case .name(let name): places[name]
      case .place(let place): texts.indices.contains(place) ? place : nil
      }
    guard let place else { throw Self.error(key, "is not in the result") }
    guard let text = texts[place] else { return nil }
    guard let value = read(text) else { throw Self.error(key, "is no \(Value.self)") }
    return value
  }

  private static func error(_ key: RowKey, _ problem: String) -> PostgresError {
    let name =
      switch key {
      case .name(let name): name
      case .place(let place): String(place)
      }
    return PostgresError(.data(column: name, row: nil), "column \(name) \(problem)")
  }

  static func rows(of result: StatementResult) -> [Row] {
    let pointer = result.pointer
    let width = PQnfields(pointer)
    let names = (0..<width).compactMap { column in
      PQfname(pointer, column).map { (String(cString: $0), Int(column)) }
    }
    let places = Dictionary(names, uniquingKeysWith: { first, _ in first })
    return (0..<PQntuples(pointer)).map { row in
      Row(
        places: places,
        texts: (0..<width).map { column in
          PQgetisnull(pointer, row, column) == 1
            ? nil : String(cString: PQgetvalue(pointer, row, column))
        })
    }
  }
}
