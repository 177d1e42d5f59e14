package io.maskstream.inference;

import io.maskstream.frame.Picture;

/**
 * One frame for the model.
 *
 * @param picture of the model's input size
 * @param prior the camera's prototypes, P·D, zero rows where nothing is remembered; only read
 * @param trust weight of each row, P, zeros when cold; only read
 */
public record SegmentationRequest(Picture picture, float[] prior, float[] trust) {}
