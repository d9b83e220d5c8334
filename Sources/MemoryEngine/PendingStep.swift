import Expressions
import Frames
import Relations

/// What has to be done anew for every as-of, because it looks at more than its own row.
public enum PendingStep: Sendable {
  case row(RowStep)
  case join(JoinOperation)
  case union(UnionOperation)
  case identify(IdentifyOperation)
  case align(AlignOperation)
  case choose(ChooseOperation)
  /// Takes the rows that another relation has at an as-of, whatever rows it is given.
  case handedOn(any Relation)

  var operation: any RowOperation {
    switch self {
    case .row(let step): step.operation
    case .join(let join): join
    case .union(let union): union
    case .identify(let identify): identify
    case .align(let align): align
    case .choose(let choose): choose
    case .handedOn(let relation): HandedOn(relation: relation)
    }
  }

  /// The relations whose rows it takes.
  var relations: [any Relation] {
    switch self {
    case .row, .choose: []
    case .align(let align): align.parts
    case .join(let join): [join.right]
    case .union(let union): union.parts
    case .identify(let identify): identify.relations.compactMap(\.self)
    case .handedOn(let relation): [relation]
    }
  }

  /// The same over rows that are not valid any more too.
  var ofHistory: PendingStep {
    switch self {
    case .union(let union): .union(union.taking(.history))
    case .handedOn(let relation): .handedOn(WholeHistory(relation: relation))
    case .row, .join, .identify, .align, .choose: self
    }
  }
}
