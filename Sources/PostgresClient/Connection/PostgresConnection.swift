import CLibpq
import Threads

/// A session with a Postgres database. Its blocking calls run on a thread of its own, one after the
/// other: every method is synchronous on the actor, so nothing comes between the statements of a
/// `transaction`. When the task that waits is cancelled, the statement is cancelled on the server.
public actor PostgresConnection {
  private let executor: ThreadExecutor
  private let interruption = Interruption()
  private var session: Session?
  private var settings = SessionSettings(version: 0, own: [:])
  private(set) var settingsScope = ConnectionOptions.Scope.transaction
  /// Host, port and database as `host:port/dbname`, for messages.
  public nonisolated let location: String
  nonisolated let lockPatience: Swift.Duration

  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  private init(location: String, lockPatience: Swift.Duration) {
    self.location = location
    self.lockPatience = lockPatience
    executor = ThreadExecutor(name: "postgres")
  }

  /// Connects and gives the session its settings, or each of its transactions.
  /// - Throws: `PostgresError` of kind `.cannotConnect`.
  public static func connect(
    to string: ConnectionString, options: ConnectionOptions = ConnectionOptions()
  ) async throws(PostgresError) -> PostgresConnection {
    let connection = PostgresConnection(
      location: string.location, lockPatience: options.lockPatience)
    try await connection.open(string, options)
    return connection
  }

  private func open(
    _ string: ConnectionString, _ options: ConnectionOptions
  ) throws(PostgresError) {
    let session = try Session(to: string, options: options, interruption: interruption)
    self.session = session
    settings = SessionSettings(
      version: Int(PQserverVersion(session.handle)), own: options.settings,
      keepalives: options.serverKeepalives)
    if options.scope == .transaction { return }
    do {
      try keepSettings()
    } catch {
      self.session = nil
      var error = error
      if error.kind == .connectionLost { error.kind = .cannotConnect }
      throw error
    }
  }

  /// Makes the settings those of the session, so that they hold outside transactions too.
  public func keepSettings() throws(PostgresError) {
    try set("SET")
    settingsScope = .session
  }

  /// Sends the settings behind another statement, without those that the platform does not know.
  func set(
    _ verb: String, after statement: String = "", then last: String = ""
  ) throws(PostgresError) {
    do {
      try execute(script: statement + settings.statements(verb) + last)
    } catch {
      guard error.sqlState == SQLState.invalidParameterValue, settings.forgetPlatforms() else {
        throw error
      }
      rollback()
      try execute(script: statement + settings.statements(verb) + last)
    }
  }

  /// Cancels the statement under way, if there is one: it throws an error of kind `.cancelled`.
  public nonisolated func cancel() { interruption.request() }

  /// Ends the session; an open transaction is rolled back. Later calls throw `.connectionLost`.
  public func close() { session = nil }

  /// Whether the session can be used.
  public var isOpen: Bool { session.map { PQstatus($0.handle) == CONNECTION_OK } ?? false }

  /// What the server said of the last statement: rights that it did not give or take although the
  /// statement asked for that, which is no error.
  public var privilegeWarnings: [String] { session?.privilegeWarnings ?? [] }

  func openSession() throws(PostgresError) -> Session {
    guard let session else {
      throw PostgresError(.connectionLost, "the connection is closed", location: location)
    }
    return session
  }
}
