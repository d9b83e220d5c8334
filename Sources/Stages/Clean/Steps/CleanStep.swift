import Diagnostics
import PipelineFiles
import Relations

/// A kind of step of a clean stage: its keys, and what they come to.
protocol CleanStepKind: Readable {
  /// The key under which it stands.
  static var name: String { get }
  static var about: String { get }
  /// Whether it removes rows because they are bad.
  var canReject: Bool { get }
  /// Columns that it writes in the form of an e-mail address or a telephone number.
  var contacts: [ColumnName] { get }
  /// Reports what can be said without knowing any columns.
  func check(_ report: Report)
  /// The typed step; where something is wrong nil, with the columns that it would have made unknown.
  func plan(_ shape: inout RelationShape, _ context: PlanContext) -> RowStep?
}

extension CleanStepKind {
  var canReject: Bool { false }
  var contacts: [ColumnName] { [] }
  func check(_ report: Report) {}
}

/// One step of a clean stage.
struct CleanStep: OneOf {
  /// In the order in which they are described; a new one is a line here.
  static let kinds: [any CleanStepKind.Type] = [
    Deduplicate.self, Reject.self, SetColumns.self, Cast.self, MapValues.self, Normalize.self,
    Clip.self, Fill.self, Compare.self, Hash.self,
  ]

  static let cases = kinds.map { `case`($0) }

  let kind: any CleanStepKind

  private static func `case`<Kind: CleanStepKind>(_ type: Kind.Type) -> Case<Self> {
    Case(Kind.name, Kind.about) { (kind: Kind) in Self(kind: kind) }
  }
}
