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
  /// - Parameter least: for how long it is kept whatever the pipeline says.
  package func earliest(_ now: Instant, least: Span? = nil) -> Instant {
    min(zone.instant(now, minus: span), least.map { zone.instant(now, minus: $0) } ?? now)
  }
}
