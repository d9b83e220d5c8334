import Diagnostics
import Expressions
import Frames
import PostgresClient
import Relations

/// A kind of stage, such as `extract`: the keys that its author writes, and how they become a plan.
///
/// A kind lives in one folder of its own. It is declared once (`Record`), planned against schemas and
/// catalog facts without moving data, and its plan is then run.
public protocol StageKind: Record {
  /// The key under which it stands in a stage.
  static var kind: String { get }
  /// Stages of this kind as they stand under `stages:`, without indentation. The examples of all
  /// kinds make one pipeline.
  static var example: String { get }
  /// The stages whose output it uses, where they are named.
  var inputs: [Name] { get }
  /// Tables that are published beside its rows, whatever becomes of these on their way to a table, in
  /// the same schema.
  var companions: [Name] { get }
  /// The schema in which it publishes rows of its inputs; nil where it publishes none.
  var publishedSchema: String? { get }
  /// Whether it publishes companions beside the rows.
  var publishesCompanions: Bool { get }
  /// Whether its work is done in the transaction that publishes the run, after all other stages.
  static var runsAtPublication: Bool { get }
  /// Tables and views that a run makes for it in the state's database.
  func makes(_ context: PlanContext) -> [MadeTable]
  /// The column that names the entities that its rows are about, where it says so.
  var entityColumn: StageColumn? { get }
  /// Of a run with an as-of, the earliest instant at which it asks what its inputs knew.
  func earliestCutoff(asOf: Instant, zone: CalendarZone) -> Instant
  /// What has to be asked of databases before it can be planned.
  func questions(_ context: PlanContext) -> [CatalogQuestion]
  /// Checks itself against the shapes of its inputs and the facts; nil when something is wrong, which
  /// the context's report then says.
  func plan(_ context: PlanContext) -> (any StagePlan)?
}

extension StageKind {
  public var companions: [Name] { [] }
  public var publishedSchema: String? { nil }
  public var publishesCompanions: Bool { false }
  public static var runsAtPublication: Bool { false }
  public func makes(_ context: PlanContext) -> [MadeTable] { [] }
  public var entityColumn: StageColumn? { nil }
  public func earliestCutoff(asOf: Instant, zone: CalendarZone) -> Instant { asOf }
  public func questions(_ context: PlanContext) -> [CatalogQuestion] { [] }
}

/// What a stage will do: typed, checked, and free of YAML.
public protocol StagePlan: Sendable {
  /// What comes out.
  var shape: StageShape { get }
  /// What its rows are, where operators say all of it; nil where its work is of another kind.
  var relational: RelationPlan? { get }
  /// Where each column comes from that it hands on or publishes.
  var lineage: StageLineage { get }
  /// Of a table that it publishes, where its columns come from.
  func lineage(of table: TargetTable) -> StageLineage
  /// What it will do for an as-of, line by line.
  func steps(asOf: Instant, zone: CalendarZone) -> [PlannedStep]
  /// The SELECTs that it sends to sources.
  var statements: [PlannedStatement] { get }
  /// Connections that it reads on the run's snapshots.
  var sources: [String] { get }
  /// Tables that it publishes, as the pipeline names them.
  var targets: [QualifiedName] { get }
  /// The tables that it publishes rows in; the one that its author named comes first.
  var tables: [TargetTable] { get }
  /// What it does when the run is published; nil where it is done before, or left out.
  var atPublication: PublicationStatements? { get }
  /// What a run would take from rows that are kept in a folder, line by line.
  func reuse(of folder: StateFolder) -> [String]
  /// The columns that it uses of one of its inputs, where of its own rows only those in `wanted` are
  /// used; nil stands for all, in both.
  func columns(of input: String, for wanted: Set<String>?) -> Set<String>?
  /// A plan that makes the same rows with these columns of them, and with others if need be.
  func narrowed(to columns: Set<String>) -> any StagePlan
  func run(_ context: any StageContext) async throws -> StageResult
  /// Keyed digests of the secrets by which it makes values: what was made with another one is not the same.
  /// Never the secrets.
  var secretDigests: [String] { get }
  /// What is kept of its output on disk; nil where it is made again when a run is resumed.
  /// - Parameter columns: of its rows those that other stages use; nil for all.
  func kept(_ output: StageOutput, columns: Set<String>?) throws -> KeptOutput?
  /// The output as it was, from what was kept of it.
  func restored(_ kept: KeptOutput, _ context: any StageContext) async throws -> StageOutput
  /// Columns of its source that it leaves out because they cannot be read; nil without any.
  var unread: UnreadColumns? { get }
  /// Whether `restored` asks for what the stages before it handed on.
  var isRestoredFromInputs: Bool { get }
  /// Rows that a test gives in place of the stage's work, as they are known at each instant; nil where
  /// the stage's rows are those of one instant.
  func relation(of given: Frame, zone: CalendarZone) throws -> (any Relation)?
}

/// Columns of a source that are left out because they cannot be read.
public struct UnreadColumns: Sendable {
  public let columns: [UnreadColumn]
  public let table: String
  public let place: SourceSpan?
  /// What Postgres or Roost says where they are wanted all the same.
  public let refusal: PostgresError

  public init(
    columns: [UnreadColumn], table: String, place: SourceSpan?, refusal: PostgresError
  ) {
    self.columns = columns
    self.table = table
    self.place = place
    self.refusal = refusal
  }
}

/// A SELECT that a stage sends to a source.
public struct PlannedStatement: Sendable, Hashable {
  public let connection: String
  public let sql: String
  /// How several connections can read it; nil for one.
  public let parts: SelectParts?

  /// Rows that it may leave in the source, where its SQL ends so that a condition can follow.
  public let later: LaterRows?

  /// What is known of what it reads.
  public let scope: ReadingScope

  public init(
    connection: String, sql: String, parts: SelectParts? = nil, later: LaterRows? = nil,
    scope: ReadingScope = ReadingScope()
  ) {
    self.scope = scope
    self.connection = connection
    self.sql = sql
    self.parts = parts
    self.later = later
  }
}

extension StagePlan {
  public var relational: RelationPlan? { nil }
  public func lineage(of table: TargetTable) -> StageLineage {
    lineage.filter { table.schema[$0.key] != nil }
  }
  public func columns(of input: String, for wanted: Set<String>?) -> Set<String>? { nil }
  public func narrowed(to columns: Set<String>) -> any StagePlan { self }
  public var statements: [PlannedStatement] { [] }
  public var sources: [String] { [] }
  public var targets: [QualifiedName] { [] }
  public var tables: [TargetTable] { [] }
  public var atPublication: PublicationStatements? { nil }
  public func reuse(of folder: StateFolder) -> [String] { [] }
  public func kept(_ output: StageOutput, columns: Set<String>?) throws -> KeptOutput? {
    // What hands on nothing has nothing to keep, and need not be done again.
    if case .nothing = output, tables.isEmpty { KeptOutput() } else { nil }
  }
  public func restored(
    _ kept: KeptOutput, _ context: any StageContext
  ) async throws -> StageOutput { .nothing }
  public var secretDigests: [String] { [] }
  public var isRestoredFromInputs: Bool { false }
  public var unread: UnreadColumns? { nil }
  public func relation(of given: Frame, zone: CalendarZone) throws -> (any Relation)? { nil }
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
