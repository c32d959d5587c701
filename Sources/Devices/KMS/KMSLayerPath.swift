/// How a video layer is shown.
public enum KMSLayerPath: Hashable, Sendable {
  /// By a plane that scales and converts.
  case scalingPlane
  /// By a plane that converts; the processor scales.
  case plane
  /// By the processor, which scales and converts into the scan-out buffer.
  case processor
}
