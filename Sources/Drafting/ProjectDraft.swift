import Frames
import PostgresClient

/// A small project that works as it stands, as texts.
public struct ProjectDraft: Sendable {
  public struct File: Sendable, Hashable {
    /// Relative to the project's folder.
    public let path: String
    public let text: String
  }

  public let files: [File]
  /// Path of the pipeline, relative to the project's folder.
  public let pipeline: String
  /// The stage that makes the features.
  public let features: String
  /// Tables that a run publishes.
  public let tables: [String]
  /// The as-of that sees all of the data, where that is not today: `1998-07-01`.
  public let asOf: String?
  /// What somebody should know who did not read the files.
  public internal(set) var notes: [String] = []

  init(_ findings: DraftFindings) throws(PostgresError) {
    let choice = findings.choice
    let what = DraftFindings.what(choice)
    let featureStage = "\(what)_features"
    var names = NameSet(
      ["churn", "scores", "segments", "publish_scores", "publish_segments", featureStage])
    let ownName = NameWords.clipped(NameWords.stage(choice.table.name.name), to: 40)
    let entityStage =
      choice.isOwnTable
      ? names.claim(ownName, "\(ownName)_table") : names.claim("\(what)s", "all_\(what)s")
    let entity = try DraftExtract(
      choice, stage: entityStage, what: what, trustsTime: findings.trustsEntityTime,
      avoiding: DraftFeatures.avoided)
    var extracts: [(activity: Activity, extract: DraftExtract)] = []
    for activity in findings.activities {
      let plain = NameWords.clipped(NameWords.stage(activity.table.name.name), to: 40)
      let schema = NameWords.stage(activity.table.name.schema ?? "")
      let name = names.claim(plain, NameWords.clipped("\(schema)_\(plain)", to: 40))
      var extract = try DraftExtract(activity, stage: name)
      if extract.duplicates != nil { extract.cleaning = names.claim("clean_\(name)") }
      extracts.append((activity, extract))
    }
    for place in extracts.indices where !entity.hash.isEmpty {
      // What names the entity is hashed everywhere, or it could not be joined.
      extracts[place].extract.hashEntity()
    }
    let text = DraftText(
      findings: findings, what: what, entity: entity, extracts: extracts.map(\.extract),
      features: DraftFeatures(extracts, entity: entity.entity), featureStage: featureStage)
    asOf = findings.asOf
    pipeline = "pipelines/\(what)_segments.yaml"
    features = featureStage
    tables = text.tables
    files =
      [
        File(path: "pipelines/roost.yaml", text: text.project),
        File(path: pipeline, text: text.pipeline),
      ]
      + ([entity] + extracts.map(\.extract)).compactMap(\.select).map {
        File(path: $0.path, text: $0.text)
      }
  }
}

extension DraftExtract {
  fileprivate mutating func hashEntity() {
    personal.removeAll { $0 == entity }
    if !hash.contains(entity) { hash.append(entity) }
  }
}
