/**
 * The demonstration data: a Backstage catalog of an invented company, Acme, made from a seed.
 *
 * <p>Read in this order: {@link dev.espalier.demo.CatalogGenerator} (what is loaded, and how),
 * {@code Company} (who and what is called how), {@code Division} (440 entities that know each other), {@code
 * DivisionRows} (the rows they become).
 */
package dev.espalier.demo;
