/**
 * Metering and prices. In reading order: {@link dev.espalier.journal.metering.UsageMeter}, {@link
 * dev.espalier.journal.metering.PriceList}, {@link dev.espalier.journal.metering.Corrections}.
 */
@NullMarked
package dev.espalier.journal.metering;

import org.jspecify.annotations.NullMarked;
