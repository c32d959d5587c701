/// The layers of a VP9 stream, named as in W3C's WebRTC-SVC.
///
/// `_KEY` means that spatial layers are predicted from each other only in key pictures, so that a media server may drop
/// the lower ones for a receiver of the upper.
public enum VP9ScalabilityMode: String, Hashable, Sendable, CaseIterable {
  /// No layers.
  case L1T1
  /// Two temporal layers.
  case L1T2
  /// Three temporal layers.
  case L1T3
  /// Two spatial layers, three temporal.
  case L2T3_KEY
  /// Three spatial layers, one temporal.
  case L3T1_KEY
  /// Three spatial layers, three temporal. What browsers send cameras with.
  case L3T3_KEY

  /// How many spatial layers; each has twice the width and height of the one below.
  public var spatialLayers: Int {
    switch self {
    case .L1T1, .L1T2, .L1T3: 1
    case .L2T3_KEY: 2
    case .L3T1_KEY, .L3T3_KEY: 3
    }
  }

  /// How many temporal layers; each doubles the picture rate.
  public var temporalLayers: Int {
    switch self {
    case .L1T1, .L3T1_KEY: 1
    case .L1T2: 2
    case .L1T3, .L2T3_KEY, .L3T3_KEY: 3
    }
  }

  /// The part of a spatial layer's bitrate that temporal layers 0…`layer` get together.
  func cumulativeShare(temporalLayer layer: Int) -> Double {
    switch temporalLayers {
    case 2: layer == 0 ? 0.6 : 1
    case 3: layer == 0 ? 0.4 : layer == 1 ? 0.6 : 1
    default: 1
    }
  }
}
