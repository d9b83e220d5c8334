import Expressions
import Relations

/// A kind of stage, such as `extract`: the keys that its author writes, and how they become a plan.
///
/// A kind lives in one folder of its own. It is declared once (`Record`), planned against schemas and
/// catalog facts without moving data, and its plan is then run. What only some kinds have to say is a
/// protocol beside this one, which they adopt.
public protocol StageKind: Record {
  /// The key under which it stands in a stage.
  static var kind: String { get }
  /// What it is for, roughly.
  static var group: StageGroup { get }
  /// Stages of this kind as they stand under `stages:`, without indentation. The examples of all
  /// kinds make one pipeline.
  static var example: String { get }
  /// The stages whose output it uses, where they are named.
  var inputs: [StageName] { get }
  /// Checks itself against the shapes of its inputs and the facts; nil when something is wrong, which
  /// the context's report then says.
  func plan(_ context: PlanContext) -> StagePlan?
}

/// A kind that has to ask databases before it can be planned.
public protocol AsksCatalog: StageKind {
  func questions(_ context: PlanContext) -> [CatalogQuestion]
}

/// A kind for which a run makes tables and views in the state's database.
public protocol MakesTables: StageKind {
  func makes(_ context: PlanContext) -> [MadeTable]
}

/// A kind that publishes the rows of one of its inputs.
public protocol PublishesRows: StageKind {
  /// The schema of the table; empty where the table is named without one.
  var publishedSchema: String { get }
  /// Whether it publishes companions beside the rows.
  var publishesCompanions: Bool { get }
}

/// A kind beside whose rows tables are published, whatever becomes of these on their way to a table, in the
/// same schema.
public protocol HasCompanions: StageKind {
  var companions: [Name] { get }
}

/// A kind whose author names the entities that its rows are about.
public protocol NamesEntity: StageKind {
  /// Nil where it is left out.
  var entityColumn: StageColumn? { get }
}

/// A kind that reads columns of its input as addresses or numbers of persons, which are personal data where
/// they come from too.
public protocol ReadsContacts: StageKind {
  var contacts: [ColumnName] { get }
}

/// A kind whose work is done in the transaction that publishes the run, after all other stages.
public protocol RunsAtPublication: StageKind {}

/// What the kinds say that adopt a protocol, and what holds for the others.
extension StageKind {
  func questionsAsked(_ context: PlanContext) -> [CatalogQuestion] {
    (self as? any AsksCatalog)?.questions(context) ?? []
  }

  func tablesMade(_ context: PlanContext) -> [MadeTable] {
    (self as? any MakesTables)?.makes(context) ?? []
  }

  var publication: (any PublishesRows)? { self as? any PublishesRows }
  var tablesBeside: [Name] { (self as? any HasCompanions)?.companions ?? [] }
  var contactColumns: [ColumnName] { (self as? any ReadsContacts)?.contacts ?? [] }
  /// The column that names the entities that its rows are about, where it says so.
  public var namedEntity: StageColumn? { (self as? any NamesEntity)?.entityColumn }
  /// Whether its work is done when the run is published.
  public var isDoneAtPublication: Bool { self is any RunsAtPublication }
}
