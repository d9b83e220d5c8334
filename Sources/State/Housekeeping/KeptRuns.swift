import Frames
import PipelineFiles

/// How long it is kept what runs of a pipeline did.
package struct KeptRuns: Sendable {
  let pipeline: String
  private let span: Span
  private let zone: CalendarZone

  package init(of pipeline: Pipeline) {
    self.init(
      pipeline: pipeline.name, span: pipeline.settings.keepRuns.span, zone: pipeline.zone)
  }

  package init(pipeline: String, span: Span, zone: CalendarZone) {
    self.pipeline = pipeline
    self.span = span
    self.zone = zone
  }

  /// What ended earlier is not kept.
  func earliest(_ now: Instant) -> Instant { zone.instant(now, minus: span) }
}
