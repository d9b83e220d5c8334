/// Ten users and a pipeline that publishes them: enough where only the publishing counts.
extension TestProject {
  func setUpUsers() async throws {
    try await sql(
      """
      CREATE SCHEMA shop;
      CREATE TABLE shop.users (user_id int8, level text, since timestamptz);
      INSERT INTO shop.users
      SELECT i, 'gold', timestamptz '2019-01-01' FROM generate_series(1, 10) i;
      """)
    try writeUsers()
  }

  /// Writes the pipeline.
  /// - Parameters:
  ///   - name: of the pipeline, of its file, and of the table in schema `marketing`.
  ///   - set: what a clean step sets.
  func writeUsers(_ name: String = "users", set: String = "{}", keep: String = "") throws {
    try write(
      "\(name).yaml",
      """
      pipeline: \(name)
      timezone: Asia/Shanghai
      stages:
        users: { extract: { from: shop, table: shop.users, key: user_id, time: since } }
        more: { clean: { input: users, steps: [ { set: \(set) } ] } }
        publish: { write: { input: more, table: marketing.\(name), key: user_id\(keep) } }
      """)
  }
}
