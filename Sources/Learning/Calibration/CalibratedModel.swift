import Foundation

/// Everything that scoring needs: trees, the calibration of their margins, and the causes that
/// explanations are reported in.
public struct CalibratedModel: Sendable, Hashable {
  public let trees: TrainedTrees
  public let calibration: PlattScaling
  public let causes: CauseGroups

  /// - Throws: `LearningError.featuresDiffer` if the causes are of other features than the trees.
  public init(trees: TrainedTrees, calibration: PlattScaling, causes: CauseGroups) throws {
    try checkFeatures(causes.featureNames, equal: trees.featureNames)
    self.trees = trees
    self.calibration = calibration
    self.causes = causes
  }

  /// The calibrated probability of each row. Order rows by margins instead where ties matter.
  /// - Throws: as `TrainedTrees.margins`.
  public func probabilities(_ features: FeatureMatrix) async throws -> [Double] {
    calibration.probabilities(margins: try await trees.margins(features))
  }

  /// The strongest causes of each row's risk.
  /// - Throws: as `TrainedTrees.contributions`.
  public func explain(_ features: FeatureMatrix, top count: Int) async throws -> CauseRanking {
    try causes.ranked(try await trees.contributions(features), top: count)
  }
}

// MARK: - As bytes: a line that names the format, a line of JSON, the trees in UBJ

extension CalibratedModel {
  private static let format = "roost-model 1"

  private struct Header: Codable {
    var calibration: PlattScaling
    var causes: [CauseGroups.Group]
    var treesByteCount: Int
  }

  public func serialized() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let header = try encoder.encode(
      Header(
        calibration: calibration, causes: causes.groups, treesByteCount: trees.serialized.count))
    return Array(Self.format.utf8) + [newline] + header + [newline] + trees.serialized
  }

  /// - Throws: `LearningError.damagedModel` unless `serialized` is what `serialized()` returned.
  public init(serialized: [UInt8]) async throws {
    let parts = serialized.split(separator: newline, maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].elementsEqual(Self.format.utf8) else {
      throw LearningError.damagedModel("it does not begin with '\(Self.format)'")
    }
    guard let header = try? JSONDecoder().decode(Header.self, from: Data(parts[1])) else {
      throw LearningError.damagedModel("its header is not what this version writes")
    }
    guard parts[2].count == header.treesByteCount else {
      throw LearningError.damagedModel(
        "it has \(parts[2].count) bytes of trees in place of \(header.treesByteCount)")
    }
    let trees = try await TrainedTrees(serialized: Array(parts[2]))
    try self.init(
      trees: trees, calibration: header.calibration,
      causes: CauseGroups(header.causes, featureNames: trees.featureNames))
  }
}

private let newline = UInt8(ascii: "\n")
