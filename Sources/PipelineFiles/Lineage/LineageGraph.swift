/// Where every column of a pipeline comes from, and what depends on it.
public struct LineageGraph: Sendable {
  /// In the order in which they run.
  private let stages: [(name: String, kind: String, lineage: StageLineage)]
  private let lineages: [String: StageLineage]
  private let users: [StageColumn: Set<StageColumn>]

  /// - Parameter plans: by stage; those that are not there have no columns.
  public init(_ pipeline: Pipeline, _ plans: [String: any StagePlan]) {
    self.init(
      pipeline.stages.map { ($0.name.text, $0.kindName, plans[$0.name.text]?.lineage ?? [:]) })
  }

  init(_ stages: [(name: String, kind: String, lineage: StageLineage)]) {
    self.stages = stages
    lineages = Dictionary(
      stages.map { ($0.name, $0.lineage) }, uniquingKeysWith: { first, _ in first })
    var users: [StageColumn: Set<StageColumn>] = [:]
    for stage in stages {
      for (column, lineage) in stage.lineage {
        for origin in lineage.origins {
          users[origin, default: []].insert(StageColumn(stage.name, column))
        }
      }
    }
    self.users = users
  }

  /// All columns of the pipeline, stage by stage.
  public var columns: [StageColumn] {
    stages.flatMap { stage in stage.lineage.keys.sorted().map { StageColumn(stage.name, $0) } }
  }

  public func lineage(of column: StageColumn) -> ColumnLineage? {
    lineages[column.stage]?[column.column]
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
  public func personalPath(to column: StageColumn, _ plans: [String: any StagePlan]) -> String {
    let path = path(from: column) { place in
      guard case .relation(let relation)? = plans[place.stage]?.shape else { return false }
      return relation.schema[place.column]?.isPersonal == true
        && lineage(of: place)?.source != nil
    }
    return (path ?? [column]).reversed().map(\.description).joined(separator: " → ")
  }
}
