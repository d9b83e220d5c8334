import Relations

/// Where every column of a pipeline comes from, and what depends on it.
public struct LineageGraph: Sendable {
  /// The columns of a stage, or of a table that it publishes beside its first.
  private struct Owner {
    let stage: String
    /// The table that holds the columns; nil where the stage publishes none.
    var table: String?
    var isCompanion = false
    let lineage: StageLineage

    func column(_ name: String) -> StageColumn {
      StageColumn(stage, name, table: isCompanion ? table : nil)
    }
  }

  /// In the order in which they run.
  private let owners: [Owner]
  /// By table or stage.
  private let lineages: [String: StageLineage]
  private let users: [StageColumn: Set<StageColumn>]

  /// - Parameter plans: by stage; those that are not there have no columns.
  public init(_ pipeline: Pipeline, _ plans: [String: StagePlan]) {
    self.init(
      owners: pipeline.stages.flatMap { stage -> [Owner] in
        let name = stage.name.text
        guard let plan = plans[name] else { return [] }
        let handsOn = plan.publishes.isEmpty || plan.shape.isSomething
        return (handsOn ? [Owner(stage: name, lineage: plan.lineage)] : [])
          + plan.publishes.enumerated().map { place, rows in
            Owner(
              stage: name, table: rows.table.name.description,
              isCompanion: handsOn || place > 0, lineage: rows.lineage)
          }
      })
  }

  init(_ stages: [(name: String, kind: String, lineage: StageLineage)]) {
    self.init(owners: stages.map { Owner(stage: $0.name, lineage: $0.lineage) })
  }

  private init(owners: [Owner]) {
    self.owners = owners
    lineages = Dictionary(
      owners.map { ($0.isCompanion ? $0.table ?? $0.stage : $0.stage, $0.lineage) },
      uniquingKeysWith: { first, _ in first })
    var users: [StageColumn: Set<StageColumn>] = [:]
    for owner in owners {
      for (column, lineage) in owner.lineage {
        for origin in lineage.origins { users[origin, default: []].insert(owner.column(column)) }
      }
    }
    self.users = users
  }

  /// All columns of the pipeline, stage by stage.
  public var columns: [StageColumn] {
    owners.flatMap { owner in owner.lineage.keys.sorted().map(owner.column) }
  }

  /// The published table that a column is in; nil where its stage publishes none.
  public func table(of column: StageColumn) -> String? {
    column.table ?? owners.first { $0.stage == column.stage }?.table
  }

  public func lineage(of column: StageColumn) -> ColumnLineage? {
    lineages[column.owner]?[column.column]
  }

  /// The columns that are made from a column, directly.
  public func users(of column: StageColumn) -> [StageColumn] {
    (users[column] ?? []).sorted()
  }

  /// A shortest way from a column back to one that satisfies a condition, the column itself first;
  /// nil where there is none.
  public func path(
    from column: StageColumn, to isFound: (StageColumn) -> Bool
  ) -> [StageColumn]? {
    var cameFrom: [StageColumn: StageColumn] = [:]
    var queue = [column]
    var next = 0
    while next < queue.count {
      let place = queue[next]
      next += 1
      if isFound(place) {
        var path = [place]
        while let before = cameFrom[path[0]] { path.insert(before, at: 0) }
        return path
      }
      for origin in (lineage(of: place)?.origins ?? []).sorted()
      where cameFrom[origin] == nil && origin != column {
        cameFrom[origin] = place
        queue.append(origin)
      }
    }
    return nil
  }

  /// The way that personal data took to a column, from where it is read:
  /// `users.email → people.contact`.
  public func personalPath(to column: StageColumn, _ plans: [String: StagePlan]) -> String {
    let path = path(from: column) { place in
      guard case .relation(let relation)? = plans[place.stage]?.shape else { return false }
      return relation.schema[place.column]?.isPersonal == true
        && lineage(of: place)?.source != nil
    }
    return (path ?? [column]).reversed().map(\.description).joined(separator: " → ")
  }
}
