import Frames
import PostgresFacts

/// A table that Roost publishes, as it stands.
public struct PublishedTable: Sendable, Hashable {
  public struct Column: Sendable, Hashable {
    public let name: String
    /// As Postgres writes it.
    public let type: String
    /// Whether readers may know it. Others come from a run that published nothing.
    public let isShown: Bool

    public init(name: String, type: String, isShown: Bool) {
      self.name = name
      self.type = type
      self.isShown = isShown
    }
  }

  /// The columns that Roost itself adds.
  public static let ownColumns: Set<String> = ["as_of", "run_id"]

  /// The columns that Postgres itself gives every table.
  public static let systemColumns: Set<String> = [
    "tableoid", "xmin", "cmin", "xmax", "cmax", "ctid",
  ]

  /// Who publishes a table: nobody else may.
  public struct Owner: Sendable, Hashable, CustomStringConvertible {
    public let pipeline: String
    /// Empty for the project's own schemas; nil where that was not recorded.
    public let environment: String?

    public init(pipeline: String, environment: String?) {
      self.pipeline = pipeline
      self.environment = environment
    }

    /// `pipeline 'retention' in environment 'dev'`
    public var description: String {
      let place = environment.flatMap { $0.isEmpty ? nil : " in environment '\($0)'" }
      return "pipeline '\(pipeline)'\(place ?? "")"
    }

    /// Whether a pipeline in an environment may publish the table.
    public func admits(_ other: Owner) -> Bool {
      pipeline == other.pipeline && (environment == nil || environment == other.environment)
    }
  }

  public let owner: Owner
  /// The table that holds the rows of all runs.
  public let data: QualifiedName
  /// Whether a publication is kept.
  public let isPublished: Bool
  public let columns: [Column]
  /// What else in the database is made from its views.
  public let dependants: [String]

  public init(
    owner: Owner, data: QualifiedName, isPublished: Bool, columns: [Column],
    dependants: [String] = []
  ) {
    self.owner = owner
    self.data = data
    self.isPublished = isPublished
    self.columns = columns
    self.dependants = dependants
  }

  /// What readers would lose if the table had these columns from now on.
  public func losses(with fields: [Field]) -> [String] {
    columns.filter { $0.isShown && !Self.ownColumns.contains($0.name) }.compactMap { column in
      guard let field = fields.first(where: { $0.name == column.name }) else {
        return "column '\(column.name)' would be gone"
      }
      if field.type.sqlName == column.type
        || ColumnWidening(of: column.name, from: column.type, to: field.type) != nil
      {
        return nil
      }
      return "column '\(column.name)' was \(column.type) and would be \(field.type.sqlName)"
    }
  }
}
