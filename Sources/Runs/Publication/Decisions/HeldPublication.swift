import PipelineFiles

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

  var json: JSONValue {
    .object([
      "grant_to": grantTo.map { .string($0) } ?? .null, "scripts": .array(scripts.map(\.json)),
    ])
  }
}
