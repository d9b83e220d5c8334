import Diagnostics
import PipelineFiles

/// The keys of a file that tests a pipeline.
struct PipelineTest: Record {
  static let about = "A test: rows for some stages of a pipeline, and the rows expected of others."
  let name: Phrase
  let pipeline: FilePath
  let asOf: InstantText
  let parameters: Entries<Phrase>
  let given: EntriesByName<StageName, ListOr<GivenRows>>
  let expect: Placed<EntriesByName<StageName, ListOr<ExpectedRows>>>

  init(_ keys: inout Keys) {
    name = keys(
      "test", "What is tested, in one sentence.", such: "Who was contacted lately is left alone")
    pipeline = keys(
      "pipeline", "The pipeline's file, seen from this one.", such: "../retention.yaml")
    asOf = keys("as_of", "The instant up to which data is seen, in the pipeline's zone.")
    parameters = keys(
      "parameters", "Values that take the place of the pipeline's.", such: "30d", default: .empty,
      shown: "none")
    given = keys(
      "given", "What extracts read, or other stages hand on without being run, by stage.")
    expect = keys("expect", "What stages make, by stage.")
  }
}

/// What an extract reads, or another stage hands on.
struct GivenRows: Record, MadeOfRows {
  static let about = "The rows that an extract reads, or that another stage hands on."
  let rows: InlineRows?
  let csv: FilePath?
  let columns: EntriesByName<ColumnName, Phrase>

  init(_ keys: inout Keys) {
    rows = keys("rows", "The rows; a column that a row leaves out is null.")
    csv = keys(
      "csv", "A CSV file with the rows, seen from this one; an empty field is null.",
      such: "orders.csv")
    columns = keys(
      "columns", "Columns of an extract with their types, where the source is not asked for them.",
      such: "bigint",
      default: .empty, shown: "those of the source")
  }

  init(_ rows: InlineRows) {
    self.rows = rows
    csv = nil
    columns = .empty
  }
}

/// What a stage makes.
struct ExpectedRows: Record, MadeOfRows {
  static let about = "The rows that a stage makes; columns that are not listed are not compared."
  let rows: RowsOrCount?
  let csv: FilePath?
  let order: RowOrder

  init(_ keys: inout Keys) {
    rows = keys("rows", "The rows, or how many there are.")
    csv = keys(
      "csv", "A CSV file with the rows, seen from this one; an empty field is null.",
      such: "orders.csv")
    order = keys(
      "order", "Whether rows stand in the order of the stage's key.", default: .ignore,
      shown: "ignore")
  }

  init(_ rows: InlineRows) {
    self.rows = .rows(rows)
    csv = nil
    order = .ignore
  }
}

/// How the rows of a test are brought together with those of a stage.
enum RowOrder: String, Choice {
  /// By the stage's key where it is listed, otherwise as a bag.
  case ignore
  /// One after the other, in the order of the stage's key.
  case key
}

/// Keys that a list of rows may stand for.
protocol MadeOfRows: Record {
  init(_ rows: InlineRows)
}

/// A list of rows, or keys that say more.
struct ListOr<Keys: MadeOfRows>: Readable {
  let keys: Keys

  static var shape: Shape { .either(InlineRows.shape, or: Keys.shape) }
  static var blank: Self { Self(keys: Keys.blank) }

  static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    if case .sequence = node.kind {
      return InlineRows.read(node, reader).map { Self(keys: Keys($0)) }
    }
    return Keys.read(node, reader).map(Self.init)
  }
}

/// Rows, or how many there are.
enum RowsOrCount: Readable {
  case rows(InlineRows)
  case count(Int)

  static var shape: Shape { .either(Int.shape, or: InlineRows.shape) }
  static var blank: Self { .count(0) }

  static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    if case .scalar = node.kind { return Int.read(node, reader).map(Self.count) }
    return InlineRows.read(node, reader).map(Self.rows)
  }
}
