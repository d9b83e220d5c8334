import PipelineFiles
import PostgresClient
import State

/// What the publication of a held run needs beside the rows that it loaded; kept with the run, so that it
/// can be approved where the pipeline's files are not at hand, or are others by then.
struct HeldPublication: Sendable {
  let grantTo: String?
  let scripts: [PublicationScript]

  init(grantTo: String?, scripts: [PublicationScript]) {
    self.grantTo = grantTo
    self.scripts = scripts
  }

  /// Nil where the JSON is none of ours.
  init?(_ json: JSONValue) {
    guard case .array(let scripts)? = json["scripts"] else { return nil }
    grantTo = json["grant_to"]?.string
    self.scripts = scripts.compactMap(PublicationScript.init)
    guard self.scripts.count == scripts.count else { return nil }
  }

  private var json: JSONValue {
    .object([
      "grant_to": grantTo.map { .string($0) } ?? .null, "scripts": .array(scripts.map(\.json)),
    ])
  }

  /// Lets a run wait for a person.
  func hold(
    _ session: RunSession, pipeline: String, because objections: [String]
  ) async throws {
    let json = json.text
    try await session.connection.transaction { database in
      try session.move(.hold, error: objections.joined(separator: "; "), in: database)
      try database.execute(
        "UPDATE roost.runs SET held = $2::jsonb WHERE run_id = $1",
        [Parameter(session.run), .text(json)])
      try session.letGoOfOthers(database)
    }
  }
}
