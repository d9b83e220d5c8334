/// Which statements may run in the transaction that publishes a run.
extension ScriptStatement {
  /// Why it may not; nil where it may.
  public var refusal: String? {
    switch word(0) {
    case "begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release":
      return "it would end or divide the transaction that publishes the run"
    case "prepare" where word(1) == "transaction":
      return "it would end the transaction that publishes the run"
    case "vacuum", "discard": return outside
    case "create", "drop", "alter": return refusalOfDefinition
    case "reindex", "detach": return word("concurrently") ? outside : nil
    case "copy":
      return word("stdin") || word("stdout") ? "there is no client that sends or takes rows" : nil
    case "set": return refusalOfSetting
    case "reset", "listen", "unlisten":
      return "it would change the session that publishes the run, not only the transaction"
    default: return nil
    }
  }

  private var outside: String { "Postgres does not run it in a transaction" }

  private var refusalOfDefinition: String? {
    switch word(1) {
    case "database", "tablespace", "system", "subscription": outside
    default: word("concurrently") ? outside : nil
    }
  }

  private var refusalOfSetting: String? {
    switch word(1) {
    case "local" where ["role", "session"].contains(word(2)):
      "everything after it in the publication would run as another role"
    case "local", "constraints": nil
    case "transaction": "the transaction that publishes the run has begun already"
    default: "it would change the session that publishes the run, not only the transaction"
    }
  }

  private func word(_ wanted: String) -> Bool { tokens.indices.contains { word($0) == wanted } }
}
