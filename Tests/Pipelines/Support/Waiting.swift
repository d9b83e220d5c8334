import Testing

extension TestProject {
  /// Locks in this test's own database, for a FROM clause.
  static let locks = """
    (SELECT * FROM pg_locks
      WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())) locks
    """
  static let advisoryLocks = "\(locks) WHERE locktype = 'advisory'"

  /// Asks until a condition holds.
  func wait(for condition: String) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
      if try await text("SELECT (\(condition))::text") == "true" { return }
      try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("waited in vain for: \(condition)")
  }
}
