import Frames

/// The columns that are used of stages, by stage; nil stands for all of them.
public typealias NeededColumns = [String: Set<String>?]

extension RelationPlan {
  /// The columns of the stages it reads that it uses, where of its own rows only those in `wanted` are
  /// used; nil stands for all, in both.
  ///
  /// What identifies a row and says when it is known is used by whoever hands rows on, and is not told.
  public func needs(_ wanted: Set<String>?) -> NeededColumns {
    switch self {
    case .stage(let name, _): [name: wanted]
    case .scan: [:]
    case .step(let step, let input): input.needs(step.needs(wanted))
    case .join(let join, let left, let right):
      left.needs(join.needsOfLeft(wanted, shape: left.shape))
        .merging(right.needs(join.needsOfRight(wanted)), uniquingKeysWith: Self.union)
    case .union(let union, let inputs):
      inputs.map { $0.needs(wanted.map { $0.subtracting([union.source].compactMap(\.self)) }) }
        .reduce(into: [:]) { $0.merge($1, uniquingKeysWith: Self.union) }
    case .identify(let identify, let accounts, let sources):
      // Of the accounts only what identifies them and says when they are known is handed on.
      zip(identify.links, sources).map { $1.needs(identify.needs(of: $0)) }
        .reduce(into: accounts.needs([identify.entity.name])) {
          $0.merge($1, uniquingKeysWith: Self.union)
        }
    case .aggregate(let aggregation, let entities, let sources):
      zip(aggregation.sources, sources).map { $1.needs($0.columns) }
        .reduce(into: entities.needs([aggregation.entity.name])) {
          $0.merge($1, uniquingKeysWith: Self.union)
        }
    case .align(let alignment, let inputs):
      inputs.enumerated().map { $1.needs(alignment.needs(of: $0, wanted)) }
        .reduce(into: [:]) { $0.merge($1, uniquingKeysWith: Self.union) }
    case .choose(let choice, let input): input.needs(choice.reads)
    }
  }

  /// What two users of a stage need of it together.
  public static func union(_ a: Set<String>?, _ b: Set<String>?) -> Set<String>? {
    a.flatMap { a in b.map(a.union) }
  }

  /// The same, without the columns that operators add to rows and that nobody wants.
  public func narrowed(to wanted: Set<String>) -> RelationPlan {
    switch self {
    case .stage(let name, let shape): .stage(name, shape.narrowed(to: wanted))
    case .scan: self
    case .step(let step, let input):
      // What a step does is counted, and said, even where nobody uses what it makes.
      .step(step, step.needs(wanted).map(input.narrowed) ?? input)
    case .join(let join, let left, let right):
      .join(
        join.narrowed(to: wanted, right: right.shape),
        join.needsOfLeft(wanted, shape: left.shape).map(left.narrowed) ?? left,
        join.needsOfRight(wanted).map(right.narrowed) ?? right)
    case .union(let union, let inputs):
      .union(union, inputs.map { $0.narrowed(to: wanted) })
    case .identify(let identify, let accounts, let sources):
      .identify(
        identify, accounts.narrowed(to: [identify.entity.name]),
        zip(identify.links, sources).map { $1.narrowed(to: identify.needs(of: $0)) })
    case .aggregate(let aggregation, let entities, let sources):
      .aggregate(
        aggregation, entities: entities.narrowed(to: [aggregation.entity.name]),
        zip(aggregation.sources, sources).map { $1.narrowed(to: $0.columns) })
    case .align(let alignment, let inputs):
      .align(
        alignment.narrowed(to: wanted),
        inputs.enumerated().map { $1.narrowed(to: alignment.needs(of: $0, wanted)) })
    case .choose(let choice, let input): .choose(choice, input.narrowed(to: choice.reads))
    }
  }
}

extension RowStep {
  /// The columns of its input that it uses or hands on, where of what it makes only some are wanted.
  fileprivate func needs(_ wanted: Set<String>?) -> Set<String>? {
    wanted.flatMap { wanted in
      let made = Set(meaning.fields.map(\.name))
      return meaning.reads.map { wanted.subtracting(made).union($0) }
    }
  }
}

extension RelationShape {
  /// The columns that identify a row and say when it is known.
  public var own: Set<String> {
    Set(key + [time, arrived, validTo].compactMap(\.self))
  }

  /// The shape with some columns and its own.
  public func narrowed(to columns: Set<String>) -> RelationShape {
    var narrowed = self
    let own = own
    narrowed.schema = Schema(
      schema.fields.filter { columns.contains($0.name) || own.contains($0.name) })
    for name in schema.unknown { narrowed.schema.markUnknown(name) }
    for (name, why) in schema.unread { narrowed.schema.markUnread(name, because: why) }
    return narrowed
  }
}
