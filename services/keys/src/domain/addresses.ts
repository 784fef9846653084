export * from '@hokusai/contracts/addresses';
