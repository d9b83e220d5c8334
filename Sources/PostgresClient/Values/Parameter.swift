import Frames

/// A value for `$1`, `$2`, … of a statement. The server infers the type from where it stands.
public enum Parameter: Sendable, Hashable {
  case text(String)
  case int(Int64)
  case double(Double)
  case bool(Bool)
  /// A `timestamptz`.
  case instant(Instant)
  /// A `text[]`, as in `= ANY($1)`.
  case texts([String])
  case null

  public init(_ value: String?) { self = value.map(Parameter.text) ?? .null }
  public init(_ value: Int?) { self = value.map { .int(Int64($0)) } ?? .null }
  public init(_ value: Int64?) { self = value.map(Parameter.int) ?? .null }
  public init(_ value: Double?) { self = value.map(Parameter.double) ?? .null }
  public init(_ value: Bool?) { self = value.map(Parameter.bool) ?? .null }
  public init(_ value: Instant?) { self = value.map(Parameter.instant) ?? .null }

  /// The value in Postgres's text form; nil is null.
  var text: String? {
    switch self {
    case .text(let value): value
    case .int(let value): String(value)
    case .double(let value):
      if value.isNaN {
        "NaN"
      } else {
        value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : "\(value)"
      }
    case .bool(let value): value ? "t" : "f"
    case .instant(let value): value.postgresText
    case .texts(let values): "{" + values.map(Self.arrayElement).joined(separator: ",") + "}"
    case .null: nil
    }
  }

  private static func arrayElement(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return "\"\(escaped)\""
  }
}

extension Parameter: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByNilLiteral,
  ExpressibleByStringInterpolation
{
  public init(stringLiteral value: String) { self = .text(value) }
  public init(integerLiteral value: Int64) { self = .int(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(floatLiteral value: Double) { self = .double(value) }
  public init(nilLiteral: ()) { self = .null }
}
