/// What sessions are called, so that who looks at `pg_stat_activity` sees what is in the way: `roost run 12`,
/// `roost run 12 clean_orders`.
public enum SessionName {
  /// As many bytes as Postgres keeps.
  private static let longest = 63

  /// - Parameters:
  ///   - run: the run's number.
  ///   - stage: for whom it works. Of a long name the beginning and the end are kept.
  public static func of(run: Int, stage: String? = nil) -> String {
    name("roost run \(run)", stage)
  }

  static func name(_ base: String, _ stage: String?) -> String {
    guard let stage else { return base }
    // Postgres puts a question mark in the place of every byte that is none of ASCII's.
    let plain = String(
      decoding: stage.utf8.map { (0x20..<0x7f).contains($0) ? $0 : 0x3f }, as: UTF8.self)
    let room = longest - base.utf8.count - 1
    if plain.count <= room { return "\(base) \(plain)" }
    return "\(base) \(plain.prefix(room - 13))~\(plain.suffix(12))"
  }

  /// The statement that gives a session its name, unless a person has named it in the connection's URL.
  /// - Parameter isLocal: whether only for the transaction.
  static func statement(_ name: String, isLocal: Bool) throws(PostgresError) -> String {
    """
    SELECT set_config('application_name', \(try SQL.literal(name)), \(isLocal))
    WHERE current_setting('application_name') ~ '^roost( run .*)?$';
    """
  }
}

extension PostgresConnection {
  /// Names the session after a run.
  public func nameSession(run: Int) throws(PostgresError) {
    try execute(script: try SessionName.statement(SessionName.of(run: run), isLocal: false))
  }
}
