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

/// Runs `body` with a new, empty database, which is dropped afterwards. Sixteen may be there at once;
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
  let server = try await TestCluster.shared.server()
  let name = "test_" + String(UInt64.random(in: .min ... .max), radix: 36)
  try await server.makeDatabase(name, template: template)
  defer { server.removeDatabase(name) }
  let url = server.url(of: name)
  let string = try ConnectionString(url)
  let connection = try await PostgresConnection.connect(to: string)
  let database = TestDatabase(
    name: name, connectionString: string, url: url, connection: connection)
  let value = try await body(database)
  await connection.close()
  return value
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
