package dev.espalier.journal;

/**
 * The last row of a chain.
 *
 * @param sequence its number in the chain, from 1; 0 before the first row
 * @param hash its hash
 */
record ChainHead(long sequence, ChainHash hash) {

    static final ChainHead BEGINNING = new ChainHead(0, ChainHash.BEGINNING);
}
