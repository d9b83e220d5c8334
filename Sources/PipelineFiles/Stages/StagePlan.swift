import Diagnostics
import Frames
import PostgresFacts
import Relations

/// What a stage will do: typed, checked, and free of YAML.
///
/// A value whose initializer shows every choice. What can be known of it (shape, lineage, the columns that
/// it needs, what is kept of it, what rows of a test stand for it) follows from these, and is asked of no
/// kind.
public struct StagePlan: Sendable {
  /// What it hands on, and from what.
  public var output: Output
  /// What it reads of a source; nil for nothing.
  public var reading: PlannedReading?
  /// The tables that it publishes rows in; the one that its author named comes first.
  public var publishes: [PublishedRows]
  /// What it does when the run is published; nil where it is done before, or left out.
  public var atPublication: PublicationStatements?
  /// The earliest instant at which it asks what its inputs knew.
  public var asksFrom: Instant
  /// What is kept of what it hands on, so that a resumed run need not make it again.
  public var checkpoint: Checkpoint
  /// Keyed digests of the secrets by which it makes values: what was made with another one is not the same.
  /// Never the secrets.
  public var secretDigests: [String]
  /// What it will do beside the operators of its rows, line by line.
  public var notes: [PlannedStep]
  /// What does it.
  public var work: any StageWork

  public init(
    output: Output, reading: PlannedReading?, publishes: [PublishedRows],
    atPublication: PublicationStatements?, asksFrom: Instant, checkpoint: Checkpoint,
    secretDigests: [String], notes: [PlannedStep], work: any StageWork
  ) {
    self.output = output
    self.reading = reading
    self.publishes = publishes
    self.atPublication = atPublication
    self.asksFrom = asksFrom
    self.checkpoint = checkpoint
    self.secretDigests = secretDigests
    self.notes = notes
    self.work = work
  }
}

extension StagePlan {
  /// What a stage hands on.
  public enum Output: Sendable {
    /// Rows of which operators say all.
    /// - Parameter checked: columns of them that the stage itself looks at; nil for all.
    case rows(RelationPlan, checked: Set<String>?)
    /// What its work makes, at the run's as-of alone where it is rows.
    /// - Parameter needs: the columns of its inputs that are used.
    case made(StageShape, lineage: StageLineage, needs: NeededColumns)
  }

  /// What is kept of what a stage hands on.
  public enum Checkpoint: Sendable {
    /// Nothing: it is made again when a run is resumed.
    case none
    /// Its rows.
    case rows
    /// What an artifact stores of itself, and how it is read again.
    case artifact(any ArtifactReader)
  }
}

/// What a stage reads of a source.
public struct PlannedReading: Sendable {
  /// The connection, which is read on the run's snapshot.
  public let connection: String
  /// The SELECT that it sends.
  public let statement: PlannedStatement
  /// Columns that it leaves out because they cannot be read; nil without any.
  public let unread: UnreadColumns?

  public init(connection: String, statement: PlannedStatement, unread: UnreadColumns?) {
    self.connection = connection
    self.statement = statement
    self.unread = unread
  }
}

/// A table that a stage publishes.
public struct PublishedRows: Sendable {
  public let table: TargetTable
  /// Where its columns come from.
  public let lineage: StageLineage

  public init(_ table: TargetTable, lineage: StageLineage) {
    self.table = table
    self.lineage = lineage
  }

  /// A table that shows the rows of a stage as they are.
  public init(_ table: TargetTable, rowsOf stage: String) {
    self.init(
      table,
      lineage: Dictionary(
        table.schema.names.map { ($0, ColumnLineage(from: [StageColumn(stage, $0)])) },
        uniquingKeysWith: { first, _ in first }))
  }
}

/// Reads again what an artifact stored of itself.
public protocol ArtifactReader: Sendable {
  func artifact(from stored: [String: [UInt8]]) async throws -> any Artifact
}

// MARK: - What follows from it

extension StagePlan {
  /// What comes out.
  public var shape: StageShape {
    switch output {
    case .rows(let rows, _): .relation(rows.shape)
    case .made(let shape, _, _): shape
    }
  }

  /// What its rows are, where operators say all of it; nil where its work is of another kind.
  public var relational: RelationPlan? {
    if case .rows(let rows, _) = output { rows } else { nil }
  }

  /// What its rows are.
  /// - Throws: `StageFailure` where no operators say it.
  public var rows: RelationPlan {
    get throws {
      guard let relational else {
        throw StageFailure("a stage has no rows", help: "this is a mistake in roost")
      }
      return relational
    }
  }

  /// Where each column comes from that it hands on.
  public var lineage: StageLineage {
    switch output {
    case .rows(let rows, _): rows.lineage
    case .made(_, let lineage, _): lineage
    }
  }

  /// What it will do, line by line.
  public var steps: [PlannedStep] { (relational?.steps ?? []) + notes }

  /// The tables that it publishes rows in.
  public var tables: [TargetTable] { publishes.map(\.table) }

  /// The columns that it uses of its inputs, where of its own rows only those in `wanted` are used; nil
  /// stands for all, in both.
  public func needs(_ wanted: Set<String>?) -> NeededColumns {
    switch output {
    case .rows(let rows, let checked): rows.needs(RelationPlan.union(wanted, checked))
    case .made(_, _, let needs): needs
    }
  }

  /// The same, knowing what is made of what it hands on.
  public func meeting(_ demand: StageDemand, in zone: CalendarZone) -> StagePlan {
    var plan = self
    if case .rows(let rows, let checked) = output {
      let columns = RelationPlan.union(demand.columns, checked)
      plan.output = .rows(
        (columns.map(rows.narrowed) ?? rows)
          .asked(from: RunFacts(asOf: demand.earliest, zone: zone)), checked: checked)
    }
    return (work as? any WorkByDemand)?.plan(plan, for: demand) ?? plan
  }
}

extension StagePlan {
  /// A stage that makes rows of which operators say all, and does nothing else.
  public init(
    rows: RelationPlan, checkpoint: Checkpoint, work: any StageWork, _ context: PlanContext
  ) {
    self.init(
      output: .rows(rows, checked: []), reading: nil, publishes: [], atPublication: nil,
      asksFrom: context.asOf, checkpoint: checkpoint, secretDigests: [], notes: [], work: work)
  }
}
