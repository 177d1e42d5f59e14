package io.maskstream.network;

/** A network that is not trained and gives features of pictures, for a head to be trained on. */
public interface FrozenTrunk {

  /** Names the weights of the network; a head trained on other features is worthless. */
  String fingerprint();

  /** D, numbers of a feature. */
  int depth();

  /** h of its features. */
  int rows();

  /** w of its features. */
  int columns();

  /**
   * Features of pictures of the network's size.
   *
   * @param rgb B·H·W·3 bytes
   * @param pictures B
   * @return B·D·h·w; owned by the receiver
   */
  float[] features(byte[] rgb, int pictures);
}
