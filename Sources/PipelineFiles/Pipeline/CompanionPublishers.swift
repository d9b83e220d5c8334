/// Which stages publish the tables that belong beside a stage's rows. The rows may be joined, cleaned or
/// put together on their way to a table; what belongs beside them is published all the same.
struct CompanionPublishers {
  /// Each after all that it uses.
  private let stages: [Stage]

  init(_ stages: [Stage]) { self.stages = stages }

  /// The stages, each with those whose companions it publishes.
  var withCompanionSources: [Stage] {
    var sources: [StageName: [StageName]] = [:]
    for stage in stages where !stage.kind.tablesBeside.isEmpty {
      for owner in owners(of: stage.name) { sources[owner.name, default: []].append(stage.name) }
    }
    return stages.map { stage in
      var stage = stage
      stage.companionSources = sources[stage.name] ?? []
      return stage
    }
  }

  /// The stages that publish rows which come from another one, directly or not.
  func publishers(of name: StageName) -> [Stage] {
    stages(downstream: name).filter { $0.kind.publication != nil }
  }

  /// The stages with companions from which a publishing one has its rows.
  func sources(of name: StageName) -> [StageName] {
    stages.filter { source in
      !source.kind.tablesBeside.isEmpty
        && publishers(of: source.name).contains { $0.name == name }
    }.map(\.name)
  }

  /// Of those, the ones whose companions nobody publishes.
  func lost(by name: StageName) -> [StageName] {
    sources(of: name).filter { owners(of: $0).isEmpty }
  }

  /// Who publishes the rows as they are, once for each schema; otherwise the first to publish what became
  /// of them.
  private func owners(of name: StageName) -> [Stage] {
    let able = publishers(of: name).filter { $0.kind.publication?.publishesCompanions == true }
    let direct = able.filter { $0.kind.inputs.contains(name) }
    var schemas: Set<String> = []
    return direct.isEmpty
      ? Array(able.prefix(1))
      : direct.filter { schemas.insert($0.kind.publication?.publishedSchema ?? "").inserted }
  }

  private func stages(downstream name: StageName) -> [Stage] {
    var names: Set<StageName> = [name]
    return stages.filter { stage in
      guard !names.isDisjoint(with: stage.kind.inputs) else { return false }
      names.insert(stage.name)
      return true
    }
  }
}
