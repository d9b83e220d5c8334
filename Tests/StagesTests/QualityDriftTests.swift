import Frames
import Learning
import PipelineFiles
import Testing

@testable import Stages

@Suite struct QualityDriftTests {
  /// The quality of a model whose AUC is the share of the positives that it ranks above all negatives.
  private func quality(_ above: Int, of positives: Int) throws -> ModelQuality {
    let margins =
      (0..<positives).map { Float($0 < above ? 2 : 0) } + [Float](repeating: 1, count: positives)
    let labels = (0..<2 * positives).map { $0 < positives }
    return try ModelQuality(
      margins: margins, probabilities: margins.map { Double($0) / 4 + 0.1 }, labels: labels)
  }

  private func past(_ values: Double?...) -> [PastStage] {
    values.map { auc in
      PastStage(
        rows: 10, details: .object(["model": .object(["auc": auc.map { .number($0) } ?? .null])]))
    }
  }

  @Test func `a clear fall is told`() throws {
    let fallen = QualityDrift(try quality(700, of: 1000), past: past(0.81, 0.8, 0.79, nil))
    #expect(fallen.messages.count == 1)
    #expect(
      fallen.messages.first?.hasPrefix(
        "the model's AUC is 0.700, and the median of the last published 3 runs is 0.800") == true,
      "\(fallen.messages)")
  }

  @Test func `what chance explains is not`() throws {
    // With 1,000 of each the standard error is 0.01; with 20 it is 0.07.
    #expect(QualityDrift(try quality(780, of: 1000), past: past(0.8)).messages == [])
    #expect(QualityDrift(try quality(14, of: 20), past: past(0.8)).messages == [])
    #expect(QualityDrift(try quality(900, of: 1000), past: past(0.8)).messages == [])
    #expect(QualityDrift(try quality(500, of: 1000), past: []).messages == [])
  }
}
