/// The folder on this machine in which runs keep what later runs use, and how.
public struct StateFolder: Sendable {
  /// An absolute path.
  public let path: String
  /// Tells apart the projects that share the folder: where the state's database is.
  public let project: String
  /// Where the database of each connection is.
  public let locations: [String: String]
  /// Encrypts what holds personal data, as `ROOST_STATE_KEY` has it; nil where that is not set.
  public let key: Secret?
  /// Whether everything that is kept is compared with its source.
  public let verifies: Bool

  public init(
    path: String, project: String, locations: [String: String], key: Secret?,
    verifies: Bool = false
  ) {
    self.path = path
    self.project = project
    self.locations = locations
    self.key = key
    self.verifies = verifies
  }

  /// Where extracts keep rows, in a folder for each definition.
  public var extracts: String { path + "/extracts" }
  /// Where runs leave checkpoints, in a folder for each project.
  public var checkpoints: String { path + "/checkpoints" }

  /// The environment variable with the key of what holds personal data.
  public static let keyVariable = "ROOST_STATE_KEY"
}

/// A folder with rows about entities, so that a person can be forgotten everywhere.
public struct Holding: Sendable {
  /// An absolute path.
  public let folder: String
  /// Columns of the rows that name entities.
  public let entityColumns: [String]

  public init(folder: String, entityColumns: [String]) {
    self.folder = folder
    self.entityColumns = entityColumns
  }
}
