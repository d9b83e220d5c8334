import Relations

/// What a stage does in a run.
public protocol StageWork: Sendable {
  /// - Parameter plan: the stage's own, with what is known of the demand for its rows.
  func run(_ plan: StagePlan, in context: any StageContext) async throws -> StageResult
}

/// Work that is planned anew once it is known what is wanted of it: a SELECT of fewer columns.
public protocol WorkByDemand: StageWork {
  func plan(_ plan: StagePlan, for demand: StageDemand) -> StagePlan
}

/// Work that keeps rows in a folder from run to run.
public protocol ReusesRows: StageWork {
  /// What a run would take from the folder, line by line.
  func reuse(of folder: StateFolder) -> [String]
}

/// What a stage hands on, before there is any data.
public enum StageShape: Sendable {
  case relation(RelationShape)
  case artifact(any ArtifactShape)
  /// Nothing that another stage can use.
  case nothing

  /// Whether another stage can use it.
  public var isSomething: Bool { if case .nothing = self { false } else { true } }
}

/// What is known of a thing that is not a relation, such as a model, before it is made.
public protocol ArtifactShape: Sendable {
  /// What it is called in messages: "a model".
  var what: String { get }
}

/// A thing that a stage makes and that is not a relation, such as a trained model.
public protocol Artifact: Sendable {
  /// What is kept of it on disk, by names of its own; nil where it is made again when a run is resumed.
  func stored() throws -> [String: [UInt8]]?
}

extension Artifact {
  public func stored() throws -> [String: [UInt8]]? { nil }
}

/// What a stage handed on.
public enum StageOutput: Sendable {
  case relation(any Relation)
  case artifact(any Artifact)
  case nothing
}

/// What a stage handed on and what there is to say about it.
public struct StageResult: Sendable {
  public let output: StageOutput
  /// Rows that it made, or published.
  public let rows: Int
  /// One-line remarks for a person.
  public let notes: [String]
  /// What a person should know although the stage went on.
  public let warnings: [String]
  /// All of it and more for a program.
  public let details: JSONValue
  /// How it differs from what earlier runs made, without values of rows: people are told of it when
  /// the run ends well.
  public let drift: [String]
  /// What parts of it took that are of interest on their own.
  public let parts: [StagePart]
  /// What speaks against publishing anything that was made from it: where there is anything, a run that
  /// would publish is held until a person approves it.
  public let objections: [String]

  public init(
    output: StageOutput, rows: Int, notes: [String] = [], warnings: [String] = [],
    details: JSONValue = .object([:]), drift: [String] = [], parts: [StagePart] = [],
    objections: [String] = []
  ) {
    self.output = output
    self.rows = rows
    self.notes = notes
    self.warnings = warnings
    self.details = details
    self.drift = drift
    self.parts = parts
    self.objections = objections
  }

  /// The same with more remarks.
  public func adding(notes: [String] = [], warnings: [String] = []) -> StageResult {
    StageResult(
      output: output, rows: rows, notes: self.notes + notes, warnings: self.warnings + warnings,
      details: details, drift: drift, parts: parts, objections: objections)
  }
}
