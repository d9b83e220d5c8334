import PostgresClient

/// A database of one test.
public struct TestDatabase: Sendable {
  public let name: String
  public let connectionString: ConnectionString
  /// The URL, for tests that hand it to the program as a user would.
  public let url: String
  /// A connection that is open as long as the database is there.
  public let connection: PostgresConnection

  /// A further connection; the caller may leave it open.
  public func connect(
    options: ConnectionOptions = ConnectionOptions()
  ) async throws -> PostgresConnection {
    try await PostgresConnection.connect(to: connectionString, options: options)
  }
}

/// Runs `body` with a new, empty database, and drops it afterwards. Sixteen may be there at once;
/// further calls wait. Calls may be nested.
/// - Parameter template: a database to copy, to which nobody is connected.
public func withDatabase<Value: Sendable>(
  template: String = "template0", _ body: (TestDatabase) async throws -> Value
) async throws -> Value {
  if DatabasePlaces.isHeld { return try await withNewDatabase(template, body) }
  await DatabasePlaces.shared.enter()
  do {
    let value = try await DatabasePlaces.$isHeld.withValue(true) {
      try await withNewDatabase(template, body)
    }
    await DatabasePlaces.shared.leave()
    return value
  } catch {
    await DatabasePlaces.shared.leave()
    throw error
  }
}

private func withNewDatabase<Value: Sendable>(
  _ template: String, _ body: (TestDatabase) async throws -> Value
) async throws -> Value {
  let cluster = try await TestCluster.shared.template()
  let administrator = try await TestCluster.shared.administrator()
  let name = "test_" + String(UInt64.random(in: .min ... .max), radix: 36)
  try await administrator.execute(
    "CREATE DATABASE \(name) TEMPLATE \(SQL.identifier(template)) STRATEGY file_copy")
  let url = cluster.url(for: name)
  do {
    let string = try ConnectionString(url)
    let connection = try await PostgresConnection.connect(to: string)
    let database = TestDatabase(
      name: name, connectionString: string, url: url, connection: connection)
    let value = try await body(database)
    await connection.close()
    try await drop(name, administrator)
    return value
  } catch {
    try? await drop(name, administrator)
    throw error
  }
}

/// A cancelled test drops its database too.
private func drop(_ name: String, _ administrator: PostgresConnection) async throws {
  let dropping = Task {
    _ = try await administrator.execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
  }
  try await dropping.value
}

/// Bounds the databases that are there at once.
private actor DatabasePlaces {
  static let shared = DatabasePlaces()
  @TaskLocal static var isHeld = false

  private var free = 16
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func enter() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  func leave() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }
}
