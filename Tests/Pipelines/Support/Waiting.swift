import PostgresClient
import Testing

/// How long nothing that should come takes, on however busy a machine.
private let patience = Duration.seconds(240)

/// What a closure finds, as soon as it finds something.
func found<Value>(_ what: String, _ find: () -> Value?) async throws -> Value {
  let deadline = ContinuousClock.now + patience
  while ContinuousClock.now < deadline {
    if let value = find() { return value }
    try await Task.sleep(for: .milliseconds(5))
  }
  return try #require(find(), "waited in vain for \(what)")
}

/// Asks a server until a condition holds.
func wait(on connection: PostgresConnection, for condition: String) async throws {
  let deadline = ContinuousClock.now + patience
  while ContinuousClock.now < deadline {
    if try await connection.query("SELECT (\(condition))::bool")[0].bool(0) { return }
    try await Task.sleep(for: .milliseconds(5))
  }
  Issue.record("waited in vain for: \(condition)")
}

extension TestProject {
  /// Locks in this test's own database, for a FROM clause.
  static let locks = """
    (SELECT * FROM pg_locks
      WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())) locks
    """
  static let advisoryLocks = "\(locks) WHERE locktype = 'advisory'"

  /// Asks until a condition holds.
  func wait(for condition: String) async throws {
    let deadline = ContinuousClock.now + patience
    while ContinuousClock.now < deadline {
      if try await text("SELECT (\(condition))::text") == "true" { return }
      try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("waited in vain for: \(condition)")
  }
}
