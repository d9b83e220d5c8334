import CLibpq
import Threads

/// A session with a Postgres database. Its blocking calls run on a thread of its own, one after the
/// other: every method is synchronous on the actor, so nothing comes between the statements of a
/// `transaction`. When the task that waits is cancelled, the statement is cancelled on the server.
public actor PostgresConnection {
  private let executor: ThreadExecutor
  private let interruption = Interruption()
  private var session: Session?
  /// Host, port and database as `host:port/dbname`, for messages.
  public nonisolated let location: String

  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  private init(location: String) {
    self.location = location
    executor = ThreadExecutor(name: "postgres")
  }

  /// Connects and gives the session its settings.
  /// - Throws: `PostgresError` of kind `.cannotConnect`.
  public static func connect(
    to string: ConnectionString, options: ConnectionOptions = ConnectionOptions()
  ) async throws(PostgresError) -> PostgresConnection {
    let connection = PostgresConnection(location: string.location)
    try await connection.open(string, options)
    return connection
  }

  private func open(
    _ string: ConnectionString, _ options: ConnectionOptions
  ) throws(PostgresError) {
    session = try Session(to: string, options: options, interruption: interruption)
    do {
      let settings =
        ConnectionOptions.uniform + options.serverKeepalives
        + options.settings.sorted { $0.key < $1.key }
      try execute(script: try Self.assignments(settings, verb: "SET"))
    } catch {
      session = nil
      var error = error
      if error.kind == .connectionLost { error.kind = .cannotConnect }
      throw error
    }
  }

  /// One `SET` for each setting.
  static func assignments(
    _ settings: [(String, String)], verb: String
  ) throws(PostgresError) -> String {
    var statements = ""
    for (name, value) in settings {
      statements += "\(verb) \(try SQL.identifier(name)) TO \(try SQL.literal(value));"
    }
    return statements
  }

  /// Cancels the statement under way, if there is one: it throws an error of kind `.cancelled`.
  public nonisolated func cancel() { interruption.request() }

  /// Ends the session; an open transaction is rolled back. Later calls throw `.connectionLost`.
  public func close() { session = nil }

  /// Whether the session can be used.
  public var isOpen: Bool { session.map { PQstatus($0.handle) == CONNECTION_OK } ?? false }

  func openSession() throws(PostgresError) -> Session {
    guard let session else {
      throw PostgresError(.connectionLost, "the connection is closed", location: location)
    }
    return session
  }
}
