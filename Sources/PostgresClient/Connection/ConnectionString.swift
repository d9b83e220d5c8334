import CLibpq
import Glibc

/// A libpq connection URL or a list of `keyword=value`. It may hold a password, so it prints as
/// `****` everywhere; messages use `location`.
public struct ConnectionString: Sendable, Hashable {
  /// What libpq is given.
  let secret: String
  /// Host, port and database as `host:port/dbname`, for messages.
  public let location: String
  /// What the connection is called and where it is set, for the message that it cannot be made.
  public var label: String?
  /// How many connections may read the database at once; nil for what suits the machine.
  public var readerLimit: Int?
  /// Whether a standby may not be read that lags behind what is wanted.
  public var refusesStale = false
  /// A part of a table that a connection of its own reads has at least so many pages: below that it costs
  /// more than it saves.
  public var leastPages = 2048
  private let password: String?

  /// - Throws: `PostgresError` of kind `.cannotConnect` where libpq cannot read the text; the
  ///   message quotes nothing of it.
  public init(_ text: String) throws(PostgresError) {
    guard !text.utf8.contains(0), let options = Self.parse(text) else {
      throw Self.unreadable("it is neither a postgresql:// URL nor a list of keyword=value")
    }
    let parts = [options["host"], options["port"], options["dbname"]].compactMap(\.self)
    // An unescaped @ or / in a password moves a piece of it into the host or the database.
    guard !parts.contains(where: { $0.contains("@") }),
      options["port"]?.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "," }) != false
    else {
      throw Self.unreadable(
        "its host, port or database name has characters that do not belong there; in a URL write "
          + "@ as %40, / as %2F and : as %3A in user names and passwords")
    }
    secret = text
    password = options["password"]
    func fallback(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    let host = options["host"] ?? options["hostaddr"] ?? fallback("PGHOST") ?? "local socket"
    let port = options["port"] ?? fallback("PGPORT") ?? "5432"
    let name = options["dbname"] ?? fallback("PGDATABASE") ?? options["user"] ?? ""
    // What a service is, libpq looks up in pg_service.conf.
    location = options["service"].map { "service \($0)" } ?? "\(host):\(port)/\(name)"
  }

  /// A message of libpq without the password, should it ever quote it.
  func redacting(_ message: String) -> String {
    guard let password, password.count >= 4, !location.contains(password) else { return message }
    return message.replacing(password, with: "****")
  }

  private static func unreadable(_ why: String) -> PostgresError {
    PostgresError(.cannotConnect, "the connection string cannot be read: \(why)")
  }

  /// The options that stand in the text; nil where libpq cannot read it.
  private static func parse(_ text: String) -> [String: String]? {
    guard let options = PQconninfoParse(text, nil) else { return nil }
    defer { PQconninfoFree(options) }
    var values: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val, value.pointee != 0 {
        values[String(cString: keyword)] = String(cString: value)
      }
      option += 1
    }
    return values
  }
}

extension ConnectionString: CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  public var description: String { "****" }
  public var debugDescription: String { "****" }
  public var customMirror: Mirror { Mirror(self, children: ["location": location]) }
}
